import { z } from "zod";
import { fieldErrors, jsonPointer } from "./field-errors";

const schema = z.strictObject({ data: z.strictObject({ tags: z.array(z.string()), "a/b~c": z.string() }) });

function errorsOf(value: unknown, at: PropertyKey[] = []) {
  const { error } = schema.safeParse(value);
  return error ? fieldErrors(error, at) : [];
}

describe("jsonPointer", () => {
  it("is empty for the whole document", () => {
    expect(jsonPointer([])).toBe("");
  });

  it("escapes what RFC 6901 escapes, the tilde first", () => {
    expect(jsonPointer(["a/b", "c~d", "~1", 0, ""])).toBe("/a~1b/c~0d/~01/0/");
  });
});

describe("fieldErrors", () => {
  it("names every wrong field", () => {
    const paths = errorsOf({ data: { tags: ["a", 1, 2] } }).map((error) => error.path);
    expect(paths).toEqual(["/data/tags/1", "/data/tags/2", "/data/a~1b~0c"]);
  });

  it("names each unknown field by its own path", () => {
    expect(errorsOf({ data: { tags: [], "a/b~c": "", tag: 1, "x/y": 2 } })).toEqual([
      { path: "/data/tag", message: "is not a known field" },
      { path: "/data/x~1y", message: "is not a known field" },
    ]);
  });

  it("starts where it is told the value stands", () => {
    expect(errorsOf({}, ["events", 3]).map((error) => error.path)).toEqual(["/events/3/data"]);
  });
});
