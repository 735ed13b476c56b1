import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROBLEMS, type Problem, type ProblemCode } from "@waggle/contracts";
import { COMMON_DATA_FIELDS, OUTBOUND_EVENT_TYPES, TYPE_DATA_FIELDS } from "@waggle/domain";
import { toProblem } from "@waggle/service";
import { checkSubmission } from "./accept/check-submission";
import { bodyForm } from "./in/body-form";
import { readSubmission } from "./in/read-submission";

const PAGE = readFileSync(join(__dirname, "../../../docs/publishing.md"), "utf8");

/** The code blocks that a comment in front of them names. */
const BLOCKS = [...PAGE.matchAll(/<!-- (\w+)(?:: (\S+))? -->\n```json\n([\s\S]*?)\n```/g)].map(
  ([, name = "", contentType = "", text = ""]) => ({ name, contentType, text }),
);
const ANSWERS = BLOCKS.filter(({ name }) => name === "answer").map(({ text }): Problem => JSON.parse(text));
const REFUSED = BLOCKS.flatMap((block, index) =>
  block.name === "refused" ? [{ ...block, answer: BLOCKS[index + 1]?.text ?? "" }] : [],
);

/** What ingest answers to such a body, null when it takes it. */
function problemOf({ contentType, text }: { contentType: string; text: string }): Problem | null {
  try {
    checkSubmission(readSubmission(Buffer.from(text), bodyForm({ "content-type": contentType })));
    return null;
  } catch (error) {
    return toProblem(error);
  }
}

describe("docs/publishing.md", () => {
  it("shows a body of every form, and all of them are accepted", () => {
    const accepted = BLOCKS.filter(({ name }) => name === "accepted");
    expect(accepted.map(problemOf)).toEqual([null, null, null]);
  });

  it.each(REFUSED)("shows what is answered to a refused body: $text", ({ answer, ...refused }) => {
    expect(problemOf(refused)).toEqual(JSON.parse(answer));
  });

  it("shows an answer for every refusal of events, as it is sent", () => {
    const refusals: ProblemCode[] = [
      "malformed_json",
      "malformed_request",
      "unauthorized",
      "insufficient_scope",
      "method_not_allowed",
      "payload_too_large",
      "too_many_events",
      "unsupported_media_type",
      "validation_failed",
      "duplicate_id",
      "kafka_unavailable",
      "not_ready",
    ];
    expect(ANSWERS.map(({ code }) => code)).toEqual(refusals);
    for (const { type, title, status, code } of ANSWERS) {
      expect({ type, title, status }).toEqual({
        type: `urn:waggle:problem:${code}`,
        title: PROBLEMS[code].title,
        status: PROBLEMS[code].status,
      });
      expect(PAGE).toContain(`### \`${status}\` \`${code}\``);
    }
  });

  it("has a row for every field", () => {
    const fields = [...COMMON_DATA_FIELDS, ...OUTBOUND_EVENT_TYPES.flatMap((type) => TYPE_DATA_FIELDS[type])];
    for (const field of ["id", "type", "created_at", "data", ...fields]) {
      expect(PAGE).toMatch(new RegExp(`^\\| \`${field}\` \\|`, "m"));
    }
  });
});
