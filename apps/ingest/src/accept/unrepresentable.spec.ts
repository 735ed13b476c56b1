import fc from "fast-check";
import { unrepresentable } from "./unrepresentable";

function nested(levels: number, open: string, close: string): object {
  return JSON.parse(open.repeat(levels) + close.repeat(levels));
}

describe("unrepresentable", () => {
  it("finds nothing in what JSON can write again", () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue());
    const property = fc.property(objects, (value) => {
      expect(unrepresentable(value, [], 100)).toEqual({ errors: [], tooDeep: false });
    });
    fc.assert(property);
  });

  it("names numbers that a double cannot hold", () => {
    const value = JSON.parse('{"data":{"a":1e400,"b":[1,{"c/d":-1e999}],"e":1e308}}');
    expect(unrepresentable(value, ["events", 2], 100)).toEqual({
      tooDeep: false,
      errors: [
        { path: "/events/2/data/a", message: "is too large a number" },
        { path: "/events/2/data/b/1/c~1d", message: "is too large a number" },
      ],
    });
  });

  it("takes 100 levels of objects and lists, and no more", () => {
    expect(unrepresentable(nested(100, "[", "]"), [], 100).tooDeep).toBe(false);
    expect(unrepresentable(nested(101, "[", "]"), [], 100).tooDeep).toBe(true);
    expect(unrepresentable({ a: nested(99, "[", "]") }, [], 100).tooDeep).toBe(false);
    expect(unrepresentable({ a: nested(100, "[", "]") }, [], 100).tooDeep).toBe(true);
  });

  it("does not overflow the stack whatever the depth", () => {
    expect(unrepresentable(nested(1_000_000, "[", "]"), [], 100)).toMatchObject({ tooDeep: true });
  });

  it("returns no more errors than asked for", () => {
    expect(unrepresentable(JSON.parse(`[${"1e400,".repeat(500)}0]`), [], 100).errors).toHaveLength(100);
  });
});
