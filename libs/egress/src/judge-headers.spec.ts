import { judgeHeaders } from "./judge-headers";

const numbered = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-custom-${index}`, "v"]));

test("headers of one's own are allowed", () => {
  expect(
    judgeHeaders({ Authorization: "Bearer abc", "X-Api-Key": "käse\t1", "x-webhook-source": "", Accept: "*/*" }),
  ).toEqual([]);
  expect(judgeHeaders({})).toEqual([]);
});

test("20 headers are allowed, 21 are not", () => {
  expect(judgeHeaders(numbered(20))).toEqual([]);
  expect(judgeHeaders(numbered(21))).toMatchObject([{ path: "", reason: "too_many_headers" }]);
});

test("a name of 128 characters is allowed, one of 129 is not", () => {
  expect(judgeHeaders({ ["n".repeat(128)]: "v" })).toEqual([]);
  expect(judgeHeaders({ ["n".repeat(129)]: "v" })).toMatchObject([{ reason: "name_too_long" }]);
});

test("a value of 4,096 characters is allowed, one of 4,097 is not", () => {
  expect(judgeHeaders({ "x-a": "v".repeat(4096) })).toEqual([]);
  expect(judgeHeaders({ "x-a": "v".repeat(4097) })).toMatchObject([{ path: "/x-a", reason: "value_too_long" }]);
});

const RESERVED = [
  "host connection keep-alive te trailer transfer-encoding upgrade expect content-length content-encoding content-type",
  "date cookie user-agent traceparent proxy-authorization proxy-connection webhook-id webhook-signature webhook-x",
  "x-hiveku-signature x-buzzmark-event x-buzzmark-signature-previous x-forwarded-for x-forwarded-host",
  "x-amz-date x-goog-api-key metadata metadata-flavor metadatax",
].flatMap((line) => line.split(" "));

test.each(RESERVED)("%s is reserved in any case", (name) => {
  for (const spelling of [name, name.toUpperCase()]) {
    expect(judgeHeaders({ [spelling]: "v" })).toMatchObject([{ path: `/${spelling}`, reason: "name_reserved" }]);
  }
});

test.each([
  "x-host",
  "hosts",
  "x-date",
  "content-language",
  "accept",
  "x-metadata",
  "tea",
  "proxy",
  "x-forwarded",
  "set-cookie",
])("%s only looks like a reserved name and is allowed", (name) => {
  expect(judgeHeaders({ [name]: "v" })).toEqual([]);
});

test.each(["", " ", "a b", "x-a:", "x-a\r\nhost", "x-ä", "x-a\0", "x(a)", " host", "host "])(
  "the name %j is malformed",
  (name) => {
    expect(judgeHeaders({ [name]: "v" })).toMatchObject([{ reason: "name_malformed" }]);
  },
);

test.each(["a\r\nhost: x", "a\n", "\r", "a\0", "\u0001", "\u007f", "€", "😀"])(
  "the value %j cannot be sent",
  (value) => {
    expect(judgeHeaders({ "x-a": value })).toMatchObject([{ path: "/x-a", reason: "value_malformed" }]);
  },
);

test("a name given twice in different case is refused once", () => {
  expect(judgeHeaders({ "X-A": "1", "x-a": "2" })).toMatchObject([{ path: "/x-a", reason: "name_repeated" }]);
});

test("every wrong header is named, with its path escaped as RFC 6901 asks, and no value is repeated", () => {
  const refusals = judgeHeaders({ host: "secret", "x-ok": "v", "a/b~c": "secret", "x-b": "secret\n" });
  expect(refusals.map(({ path }) => path)).toEqual(["/host", "/a~1b~0c", "/x-b"]);
  expect(JSON.stringify(refusals)).not.toContain("secret");
});
