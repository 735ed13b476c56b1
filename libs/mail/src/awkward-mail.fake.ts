import type { ParsedMessage } from "./parse-message";

/** A message as real mailers, broken ones and attackers send it, and what must be read of it. */
export interface AwkwardMail {
  readonly what: string;
  readonly raw: Buffer;
  readonly read: Partial<ParsedMessage>;
}

/** Lines as one message; a Buffer among them keeps its bytes. */
export function mailOf(...lines: (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\r\n")]));
}

const latin1 = (text: string) => Buffer.from(text, "latin1");
const hex = (digits: string) => Buffer.from(digits, "hex");

function textIn(charset: string, bytes: Buffer, encoding = "8bit"): Buffer {
  const type = `Content-Type: text/plain; charset="${charset}"`;
  return mailOf("From: a@example.com", type, `Content-Transfer-Encoding: ${encoding}`, "", bytes);
}

const CHARSETS: readonly (readonly [charset: string, bytes: Buffer, text: string])[] = [
  ["iso-8859-1", latin1("Gr\xfc\xdfe"), "Grüße"],
  ["iso-8859-2", hex("a3f364bc"), "Łódź"],
  ["iso-8859-15", hex("a4"), "€"],
  ["windows-1250", hex("8a"), "Š"],
  ["windows-1251", hex("cff0e8e2e5f2"), "Привет"],
  ["windows-1252", hex("93849480"), "“„”€"],
  ["koi8-r", hex("f0d2c9d7c5d4"), "Привет"],
  ["shift_jis", hex("93fa967b"), "日本"],
  ["iso-2022-jp", hex("1b2442467c4b5c1b2842"), "日本"],
  ["euc-jp", hex("c6fccbdc"), "日本"],
  ["gb18030", hex("c4e3bac3"), "你好"],
  ["big5", hex("a741a66e"), "你好"],
  ["euc-kr", hex("c7d1b1db"), "한글"],
  ["ks_c_5601-1987", hex("c7d1b1db"), "한글"],
  ["utf-7", Buffer.from("Gr+APwA3w-e"), "Grüße"],
  ["utf-8", Buffer.from("Grüße 🐝"), "Grüße 🐝"],
  ["us-ascii", latin1("Gr\xfc\xdfe"), "Grüße"],
];

const nested = (levels: number): Buffer => {
  const lines = ["Subject: deep"];
  for (let level = 0; level < levels; level += 1) {
    lines.push(`Content-Type: multipart/mixed; boundary=b${level}`, "", `--b${level}`);
  }
  return mailOf(...lines, "Content-Type: text/plain", "", "at the bottom");
};

const manyParts = (count: number): Buffer => {
  const part = (number: number) => ["--b", "Content-Type: text/plain", "", `part ${number}`];
  const parts = Array.from({ length: count }, (_, index) => part(index + 1));
  return mailOf("Subject: wide", "Content-Type: multipart/mixed; boundary=b", "", ...parts.flat(), "--b--");
};

const STRUCTURES: readonly AwkwardMail[] = [
  {
    what: "base64 with broken lines and rubbish between",
    raw: textIn("utf-8", Buffer.from("R3LD\r\n vMO*f\r\n\r\nZSDw\r\nn5Cd"), "base64"),
    read: { text_body: "Grüße 🐝", parse_error: null },
  },
  {
    what: "quoted-printable with soft breaks amid a character, and codes that are none",
    raw: textIn("utf-8", Buffer.from("Gr=C3=\r\n=BC=C3=9Fe =ZZ 100=25"), "quoted-printable"),
    read: { text_body: expect.stringMatching(/^Grüße .*ZZ 100%\n?$/) },
  },
  {
    what: "UTF-16 in base64",
    raw: textIn("utf-16", Buffer.from(Buffer.from("\ufeffGrüße", "utf16le").toString("base64")), "base64"),
    read: { text_body: "Grüße" },
  },
  {
    what: "a charset nobody knows",
    raw: textIn("x-klingon", latin1("Gr\xfc\xdfe")),
    read: { text_body: "Grüße\n", parse_error: "unknown_charset" },
  },
  {
    what: "no charset, 8-bit bytes that are no UTF-8",
    raw: mailOf("From: a@example.com", "", latin1("Gr\xfc\xdfe")),
    read: { text_body: "Grüße\n", parse_error: null },
  },
  {
    what: "uuencoded text, which no mailer has sent for decades: left as it is",
    raw: textIn("us-ascii", Buffer.from("begin 644 a.txt\r\n#0V%T\r\n`\r\nend"), "x-uuencode"),
    read: { text_body: expect.stringContaining("begin 644 a.txt\n#0V%T") },
  },
  {
    what: "plain and HTML alternatives with an inline image and an attachment",
    raw: mailOf(
      "From: a@example.com",
      'Content-Type: multipart/mixed; boundary="outer"',
      "",
      "This is a message in MIME format.",
      "--outer",
      "Content-Type: multipart/related; boundary=rel",
      "",
      "--rel",
      "Content-Type: multipart/alternative; boundary=alt",
      "",
      "--alt",
      "Content-Type: text/plain",
      "",
      "plain",
      "--alt",
      "Content-Type: text/html; charset=utf-8",
      "",
      '<p>rich</p><img src="cid:i1">',
      "--alt--",
      "--rel",
      "Content-Type: image/png; name=logo.png",
      "Content-ID: <i1>",
      "Content-Transfer-Encoding: base64",
      "",
      "iVBORw0KGgo=",
      "--rel--",
      "--outer",
      "Content-Type: application/pdf",
      "Content-Disposition: attachment; filename=file.pdf",
      "Content-Transfer-Encoding: base64",
      "",
      "JVBERi0=",
      "--outer--",
      "an epilogue nobody reads",
    ),
    read: {
      text_body: "plain",
      html_body: '<p>rich</p><img src="cid:i1">',
      attachments: [
        { name: "logo.png", content_type: "image/png", content_length: 8, content: hex("89504e470d0a1a0a") },
        { name: "file.pdf", content_type: "application/pdf", content_length: 5, content: Buffer.from("%PDF-") },
      ],
      parse_error: null,
    },
  },
  {
    what: "a footer beside HTML, as mailing lists add it",
    raw: mailOf(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/html",
      "",
      "<p>hello</p>",
      "--b",
      "Content-Type: text/plain",
      "",
      "-- the list",
      "--b--",
    ),
    read: { html_body: "<p>hello</p>", text_body: "-- the list" },
  },
  {
    what: "a multipart that never ends",
    raw: mailOf(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "one",
      "--b",
      "Content-Type: application/zip; name=a.zip",
      "Content-Transfer-Encoding: base64",
      "",
      "UEsDBA==",
    ),
    read: { text_body: "one", attachments: [expect.objectContaining({ name: "a.zip", content_length: 4 })] },
  },
  {
    what: "a multipart without a boundary",
    raw: mailOf("Subject: lost", "Content-Type: multipart/mixed", "", "--b", "", "text"),
    read: { subject: "lost", parse_error: "unreadable" },
  },
  {
    what: "an attached message, itself a multipart",
    raw: mailOf(
      "Subject: outer",
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: message/rfc822",
      "Content-Disposition: inline",
      "",
      "Subject: inner",
      "Content-Type: multipart/mixed; boundary=c",
      "",
      "--c",
      "",
      "inner text",
      "--c--",
      "--b--",
    ),
    read: {
      subject: "outer",
      text_body: null,
      attachments: [expect.objectContaining({ name: null, content_type: "message/rfc822" })],
    },
  },
  {
    what: "a bounce with its machine-readable part",
    raw: mailOf(
      "From: MAILER-DAEMON (Mail Delivery System)",
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
      "",
      "--b",
      "",
      "It could not be delivered.",
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Status: 5.1.1",
      "--b--",
    ),
    read: { text_body: "It could not be delivered.\nStatus: 5.1.1", attachments: [] },
  },
  {
    what: "a name in pieces, in another charset (RFC 2231)",
    raw: mailOf(
      "Content-Type: application/octet-stream",
      "Content-Disposition: attachment;",
      " filename*0*=iso-8859-1''Gr%FC%DF;",
      " filename*1=e.bin",
      "",
      "x",
    ),
    read: { attachments: [expect.objectContaining({ name: "Grüße.bin" })] },
  },
  {
    what: "an encoded word as a name, and a name with a path and a line break",
    raw: mailOf(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      'Content-Type: application/pdf; name="=?utf-8?B?R3LDvMOfZS5wZGY=?="',
      "",
      "x",
      "--b",
      'Content-Disposition: attachment; filename="../../etc/pass',
      ' wd"',
      "",
      "x",
      "--b--",
    ),
    read: {
      attachments: [
        expect.objectContaining({ name: "Grüße.pdf", content_type: "application/pdf" }),
        expect.objectContaining({ name: "../../etc/pass wd" }),
      ],
    },
  },
  {
    what: "an invitation and Outlook's winmail.dat",
    raw: mailOf(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/calendar; method=REQUEST; name=invite.ics",
      "",
      "BEGIN:VCALENDAR",
      "--b",
      "Content-Type: application/ms-tnef; name=winmail.dat",
      "Content-Transfer-Encoding: base64",
      "",
      "eJ8+Ig==",
      "--b--",
    ),
    read: {
      attachments: [
        expect.objectContaining({ name: "invite.ics", content_type: "text/calendar" }),
        expect.objectContaining({ name: "winmail.dat", content_length: 4 }),
      ],
    },
  },
  {
    what: "a content type that is none",
    raw: mailOf("Content-Type: \u0007/;;=", "Content-Disposition: attachment", "", "x"),
    read: { attachments: [expect.objectContaining({ content_type: "application/octet-stream" })] },
  },
  {
    what: "parameters named after what every object has",
    raw: mailOf("Subject: x", "Content-Disposition: inline; __PROTO__*0=a", "X: constructor*1*=b", "", "text"),
    read: { subject: "x", text_body: "text\n", parse_error: "unreadable" },
  },
  { what: "nothing at all", raw: Buffer.alloc(0), read: { subject: null, headers: [], attachments: [] } },
  { what: "a line feed", raw: Buffer.from("\n"), read: { headers: [] } },
  {
    what: "a header and no body",
    raw: Buffer.from("Subject: only this"),
    read: { subject: "only this", headers: [{ name: "Subject", value: "only this" }] },
  },
  { what: "a body and no header", raw: mailOf("", "hello"), read: { headers: [], text_body: "hello\n" } },
  {
    what: "an empty body",
    raw: mailOf("Subject: x", ""),
    read: { subject: "x", html_body: null, attachments: [], parse_error: null },
  },
  {
    what: "NUL bytes in the header, the name of a field and the body",
    raw: mailOf("Subject: a\0b", "X\0Y: z", "", "c\0d"),
    read: { subject: "ab", text_body: "cd\n", headers: [{ name: "Subject", value: "ab" }] },
  },
  {
    what: "repeated, folded, encoded and 8-bit header fields, in order",
    raw: mailOf(
      "From mailer Mon Apr 17 12:00:00 2026",
      "Received: from a",
      "\tby b",
      "Received: from c",
      "Subject: =?utf-8?Q?Gr=C3=BC?=",
      " =?utf-8?Q?=C3=9Fe?= from =?iso-8859-1?B?/A==?=",
      "subject: a second one",
      latin1("X-Latin: Gr\xfc\xdfe"),
      "X-Utf8: Grüße",
      "X-Empty:",
      "no field at all",
      "",
      "",
    ),
    read: {
      subject: "Grüße from ü",
      headers: [
        { name: "Received", value: "from a\tby b" },
        { name: "Received", value: "from c" },
        { name: "Subject", value: "Grüße from ü" },
        { name: "subject", value: "a second one" },
        { name: "X-Latin", value: "Grüße" },
        { name: "X-Utf8", value: "Grüße" },
        { name: "X-Empty", value: "" },
      ],
    },
  },
  {
    what: "a sender whose name holds a comma and an address",
    raw: mailOf("From: =?utf-8?Q?Doe=2C_J=C3=B6?= <jo@example.com>, other@example.com", "Message-ID: <1@x>", "", ""),
    read: { from: "jo@example.com", from_name: "Doe, Jö", message_id: "<1@x>" },
  },
  {
    what: "a sender who is a group, and one who is nobody",
    raw: mailOf("From: undisclosed-recipients:;", "", ""),
    read: { from: null },
  },
];

const LIMITS: readonly AwkwardMail[] = [
  {
    what: "twenty multiparts within one another",
    raw: nested(20),
    read: { text_body: "at the bottom\n", parse_error: null },
  },
  {
    what: "a thousand",
    raw: nested(1_000),
    read: { subject: "deep", text_body: null, parse_error: "nested_too_deep" },
  },
  {
    what: "a hundred parts",
    raw: manyParts(100),
    read: { text_body: expect.stringMatching(/part 100$/), parse_error: null },
  },
  {
    what: "five thousand parts",
    raw: manyParts(5_000),
    read: { text_body: expect.stringMatching(/part 100\n$/), parse_error: "too_many_parts" },
  },
  {
    what: "a giant header field before those that matter",
    raw: mailOf(
      `X-Giant: ${"x".repeat(3_000_000)}`,
      "Subject: still here",
      "Content-Type: text/html",
      "",
      "<p>body</p>",
    ),
    read: { subject: "still here", html_body: "<p>body</p>\n", parse_error: "headers_too_large" },
  },
  {
    what: "a giant folded one",
    raw: mailOf("X-Giant: x", ...Array<string>(50_000).fill(`\t${"x".repeat(60)}`), "Subject: still here", "", "body"),
    read: { subject: "still here", text_body: "body\n", parse_error: "headers_too_large" },
  },
  {
    what: "ten thousand header fields",
    raw: mailOf("Subject: first", ...Array<string>(10_000).fill("X: y"), "", "body"),
    read: { subject: "first", text_body: "body\n", parse_error: "headers_too_large" },
  },
];

export const AWKWARD_MAIL: readonly AwkwardMail[] = [
  ...CHARSETS.map(([charset, bytes, text]) => ({
    what: `text in ${charset}`,
    raw: textIn(charset, bytes),
    read: { text_body: `${text}\n`, parse_error: null },
  })),
  ...STRUCTURES,
  ...LIMITS,
];
