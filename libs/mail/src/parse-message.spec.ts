import { renderInbound } from "@waggle/domain";
import fc from "fast-check";
import { AWKWARD_MAIL, mailOf } from "./awkward-mail.fake";
import { MAIL_LIMITS } from "./fit-to-limits";
import { type ParsedMessage, parseHeader, parseMessage } from "./parse-message";

/** What must hold of any message, however broken. */
function expectReadable(message: ParsedMessage): void {
  const event = { id: "evt_1", tenant_id: "ten_1", to: "h@in.localhost", created_at: "2026-04-17T12:34:56Z", message };
  const { data } = JSON.parse(renderInbound("hiveku", event, 12 * 1_048_576));
  expect(data.attachments).toHaveLength(message.attachments.length);
  for (const { content, content_length } of message.attachments) expect(content).toHaveLength(content_length);
  for (const { name, value } of message.headers) expect(`${name}: ${value}`).not.toMatch(/[\r\n\0]/);
  expect(message.attachments.length).toBeLessThanOrEqual(MAIL_LIMITS.parts + 1);
}

describe("parseMessage", () => {
  it.each(AWKWARD_MAIL)("reads $what", async ({ raw, read }) => {
    const message = await parseMessage(raw);
    expect(message).toMatchObject(read);
    expectReadable(message);
  });

  it("reads line feeds alone as it reads CR LF", async () => {
    for (const { raw } of AWKWARD_MAIL.filter(({ what }) => /alternatives|mailing lists|in order/.test(what))) {
      const unix = Buffer.from(raw.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
      expect(await parseMessage(unix)).toEqual(await parseMessage(raw));
    }
  });

  it("lets encoded words put nothing into a header that databases and JSON readers refuse", async () => {
    const raw = mailOf(
      "From: =?utf-8?q?a=00b=0D=0ABcc_x?= <a@example.com>",
      "Subject: =?cesu-8?B?7aCAYQ==?=",
      'Content-Disposition: attachment; filename="=?utf-16le?B?ANg=?="',
      "",
      "x",
    );
    const { from_name, subject, headers, attachments } = await parseMessage(raw);
    expect({ from_name, subject }).toEqual({ from_name: "a b Bcc x", subject: "\uFFFDa" });
    expect(headers[0]?.value).toBe("a b Bcc x <a@example.com>");
    expect(attachments[0]?.name).toBe("\uFFFD");
    expect(headers[2]?.value).toBe('attachment; filename="\uFFFD"');
  });

  const small = AWKWARD_MAIL.map(({ raw }) => raw).filter(({ length }) => length < 4_000);
  const mutilations = fc.array(
    fc.record({
      how: fc.constantFrom("cut" as const, "drop" as const, "repeat" as const, "write" as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 60 }),
      bytes: fc.uint8Array({ maxLength: 20 }),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it("reads whatever is left of a mutilated message", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...small), mutilations, async (raw, deeds) => {
        let mutilated = raw;
        for (const { how, at, length, bytes } of deeds) {
          const from = Math.floor(at * mutilated.length);
          const [before, piece, after] = [
            mutilated.subarray(0, from),
            mutilated.subarray(from, from + length),
            mutilated.subarray(from + length),
          ];
          if (how === "cut") mutilated = before;
          else if (how === "drop") mutilated = Buffer.concat([before, after]);
          else if (how === "repeat") mutilated = Buffer.concat([before, piece, piece, after]);
          else mutilated = Buffer.concat([before, bytes, after]);
        }
        expectReadable(await parseMessage(mutilated));
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it("reads bytes that are no message, and gives the same of the same", async () => {
    const lines = fc.constantFrom(
      "Content-Type: multipart/mixed; boundary=b",
      "--b",
      "--b--",
      "",
      "a: =?utf-8?B?",
      "\t;",
    );
    const soup = fc.array(
      fc.oneof(
        lines,
        fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(soup, async (pieces) => {
        const raw = mailOf(...pieces);
        const message = await parseMessage(raw);
        expectReadable(message);
        expect(await parseMessage(raw)).toEqual(message);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

describe("parseHeader", () => {
  it("tells what the header says, and why there is no more", () => {
    const raw = mailOf("From: Jö <jo@example.com>", "Subject: hello", "", "body");
    expect(parseHeader(raw, "took_too_long")).toEqual({
      from: "jo@example.com",
      from_name: "Jö",
      subject: "hello",
      message_id: null,
      html_body: null,
      text_body: null,
      headers: [
        { name: "From", value: "Jö <jo@example.com>" },
        { name: "Subject", value: "hello" },
      ],
      attachments: [],
      parse_error: "took_too_long",
    });
  });
});
