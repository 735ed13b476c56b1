import { requireMatch, webhookEtag } from "./webhook-etag";

const tag = (version: number, failing_since: number | null = null) => webhookEtag({ version, failing_since });

describe("a webhook's entity tag", () => {
  it("is a strong one, another for each version and for each time since when it fails", () => {
    const tags = [tag(7), tag(8), tag(7, 1), tag(7, 2), tag(71)];
    for (const each of tags) expect(each).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe("If-Match", () => {
  it.each([undefined, null, "*", tag(7), `"x", ${tag(7)}`, `${tag(6)},${tag(7)}`])(
    "%s lets version 7 be changed",
    (ifMatch) => {
      expect(() => requireMatch({ version: 7 }, ifMatch)).not.toThrow();
    },
  );

  it.each([tag(7), tag(7, 1_700_000_000_000)])("%s means version 7, whether it fails or not", (ifMatch) => {
    expect(() => requireMatch({ version: 7 }, ifMatch)).not.toThrow();
  });

  it.each([tag(6), tag(77), `W/${tag(7)}`, "7", "", '"7', '"x"', '"7-"', '"*"', `"6-${7}"`])(
    "%j keeps it as it is",
    (ifMatch) => {
      expect(() => requireMatch({ version: 7 }, ifMatch)).toThrow(
        expect.objectContaining({ code: "precondition_failed" }),
      );
    },
  );
});
