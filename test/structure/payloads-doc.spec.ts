import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BRAND_SIGNATURE_HEADER,
  brandEventHeaders,
  COMMON_DATA_FIELDS,
  DIALECTS,
  EVENT_TYPES,
  eventName,
  OUTBOUND_EVENT_TYPES,
  PARSE_ERRORS,
  standardKey,
  standardSignedPrefix,
  TYPE_DATA_FIELDS,
} from "@waggle/domain";
import { Webhook } from "standardwebhooks";

const PAGE = readFileSync(join(__dirname, "../../docs/payloads.md"), "utf8");

/** The code blocks that a comment in front of them names. */
const BLOCKS = [...PAGE.matchAll(/<!-- ([^>]+) -->\n```\w+\n([\s\S]*?)\n```/g)].map(([, name = "", text = ""]) => ({
  name,
  text,
}));
const EXAMPLES = BLOCKS.filter(({ name }) => name.startsWith("golden: "));

function block(name: string): string {
  const found = BLOCKS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`docs/payloads.md has no block called ${name}`);
  return found.text;
}

describe("docs/payloads.md", () => {
  it.each(EXAMPLES)("shows what is sent: $name", ({ name, text }) => {
    const golden = readFileSync(join(__dirname, "golden", `${name.replace("golden: ", "")}.json`), "utf8");
    // Only the line breaks and spaces between members are the page's own.
    expect(JSON.stringify(JSON.parse(text))).toBe(golden);
  });

  it("shows every type in both brands' dialects, and the standard one", () => {
    const names = EXAMPLES.map(({ name }) => name);
    for (const type of OUTBOUND_EVENT_TYPES) {
      expect(names).toEqual(expect.arrayContaining([`golden: hiveku/${type}.full`, `golden: buzzmark/${type}.full`]));
    }
    expect(names).toContain("golden: standard/bounce.full");
  });

  it("shows inbound mail in every dialect, and names every reason why it was read in part", () => {
    const shown = EXAMPLES.map(({ name }) => name).filter((name) => name.includes("/inbound."));
    expect(new Set(shown.map((name) => name.split(/[ /]/)[1]))).toEqual(new Set(DIALECTS));
    for (const reason of PARSE_ERRORS) expect(PAGE).toMatch(new RegExp(`^\\| \`${reason}\``, "m"));
  });

  it("names every field of every type", () => {
    const fields = [...COMMON_DATA_FIELDS, ...OUTBOUND_EVENT_TYPES.flatMap((type) => TYPE_DATA_FIELDS[type])];
    for (const field of fields) expect(PAGE).toMatch(new RegExp(`^\\| \`${field}\``, "m"));
  });

  it("names every header and event name of every dialect", () => {
    const brandHeaders = DIALECTS.flatMap((dialect) => BRAND_SIGNATURE_HEADER[dialect] ?? []);
    const eventHeaders = Object.keys(brandEventHeaders("buzzmark", { name: "inbound", inbound_hash: "h" }));
    for (const header of [...brandHeaders, ...eventHeaders]) expect(PAGE).toContain(`| \`${header}\``);
    for (const header of brandHeaders) expect(PAGE).toContain(`\`${header}-Previous\``);
    for (const type of EVENT_TYPES) expect(PAGE).toContain(`\`${eventName("buzzmark", type)}\``);
    for (const type of OUTBOUND_EVENT_TYPES) expect(PAGE).toContain(`\`${eventName("standard", type)}\``);
  });

  describe("has an example of a signature", () => {
    const secret = /secret is `([^`]+)`/.exec(PAGE)?.[1] ?? "";
    const body = block("signed body");
    const headers = Object.fromEntries(
      block("signature headers")
        .split("\n")
        .map((line) => line.split(": ")),
    );

    it("whose body is the one that is sent", () => {
      expect(body).toBe(readFileSync(join(__dirname, "golden/buzzmark/open.minimal.json"), "utf8"));
    });

    it("whose brand signature is keyed with the whole secret", () => {
      expect(headers["X-Buzzmark-Signature"]).toBe(createHmac("sha256", secret).update(body).digest("hex"));
    });

    it("whose Standard Webhooks signature is the one that waggle makes and its library verifies", () => {
      const { text, encoding } = standardKey(secret);
      const signed = standardSignedPrefix(headers["webhook-id"], Number(headers["webhook-timestamp"])) + body;
      const signature = createHmac("sha256", Buffer.from(text, encoding)).update(signed).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
      const at = new Date(Number(headers["webhook-timestamp"]) * 1_000);
      expect(new Webhook(secret).sign(headers["webhook-id"], at, body)).toBe(`v1,${signature}`);
    });
  });
});
