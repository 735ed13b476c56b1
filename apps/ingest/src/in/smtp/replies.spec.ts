import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WaggleError } from "@waggle/domain";
import { REPLIES, refusal, replyTo } from "./replies";

const PAGE = readFileSync(join(__dirname, "../../../../../docs/inbound.md"), "utf8");

describe("the replies of the SMTP server", () => {
  it.each(Object.values(REPLIES))("say the same class twice, and stand in the docs: $code $text", ({ code, text }) => {
    expect(text[0]).toBe(String(code)[0]);
    expect(PAGE).toContain(`| \`${code}\` | \`${text}\` |`);
  });

  it("reach smtp-server as errors with a code", () => {
    expect(refusal("unknown_recipient")).toMatchObject({
      responseCode: 550,
      message: expect.stringMatching(/^5\.1\.1/),
    });
  });

  it.each([
    ["kafka_unavailable", "not_stored"],
    ["payload_too_large", "too_large_for_so_many"],
    ["record_too_large", "too_large_for_so_many"],
    ["something_else", "failed"],
  ])("answer %s with %s", (code, reply) => {
    expect(replyTo(new WaggleError(code, "why"))).toBe(reply);
  });

  it("ask the sender to come again when nobody knows what happened", () => {
    expect(REPLIES[replyTo(new TypeError("a defect"))].code).toBe(451);
  });
});
