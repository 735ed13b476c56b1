import { readSubmission } from "./read-submission";

const malformed = expect.objectContaining({ code: "malformed_json" });

describe("readSubmission", () => {
  it("reads one JSON document", () => {
    expect(readSubmission(Buffer.from('{"type":"open"}'), "json").values).toEqual([{ type: "open" }]);
    expect(readSubmission(Buffer.from('{"events":[1,2]}'), "json").values).toEqual([1, 2]);
  });

  it("reads one value a line, whatever ends it, and skips blank lines", () => {
    const submission = readSubmission(Buffer.from('\r\n{"a":1}\r\n \t\n{"a":"\u2028"}\n\n{"a":3}'), "ndjson");
    expect(submission.values).toEqual([{ a: 1 }, { a: "\u2028" }, { a: 3 }]);
    expect(submission.path(2)).toEqual(["events", 2]);
  });

  it("does not look for a list in a line", () => {
    expect(readSubmission(Buffer.from('{"events":[1,2]}\n'), "ndjson").values).toEqual([{ events: [1, 2] }]);
  });

  it.each(["", "\n \n"])("takes %j for no events at all when it should hold lines", (text) => {
    expect(readSubmission(Buffer.from(text), "ndjson").errors).toEqual([
      { path: "/events", message: "must hold at least one event" },
    ]);
  });

  it("ignores a byte order mark", () => {
    expect(readSubmission(Buffer.from('\ufeff{"a":1}'), "json").values).toEqual([{ a: 1 }]);
    expect(readSubmission(Buffer.from('\ufeff{"a":1}\n{"a":2}'), "ndjson").values).toHaveLength(2);
  });

  it.each(["", "{", "{'a':1}", '{"a":1}{"a":2}', "undefined", "NaN", '{"a":"\u0001"}'])("refuses %j", (text) => {
    expect(() => readSubmission(Buffer.from(text), "json")).toThrow(malformed);
  });

  it("names the line that is not JSON", () => {
    expect(() => readSubmission(Buffer.from('{"a":1}\n\n{"a":'), "ndjson")).toThrow(
      expect.objectContaining({ code: "malformed_json", detail: "line 3 is not JSON" }),
    );
  });

  it("refuses what is not UTF-8 rather than replacing it", () => {
    expect(() => readSubmission(Buffer.from([0x22, 0xe9, 0x22]), "json")).toThrow(malformed);
    expect(() => readSubmission(Buffer.from('{"a":1}', "utf16le"), "json")).toThrow(malformed);
  });

  it("counts lines before it parses them", () => {
    const tooMany = expect.objectContaining({ code: "too_many_events" });
    expect(() => readSubmission(Buffer.from("not json\n".repeat(1_001)), "ndjson")).toThrow(tooMany);
  });
});
