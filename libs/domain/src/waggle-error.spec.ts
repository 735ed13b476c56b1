import { WaggleError } from "./waggle-error";

describe("WaggleError", () => {
  it("carries the code that decides, the words for people, the cause and the wrong fields", () => {
    const cause = new Error("socket hang up");
    const errors = [{ path: "/data/to", message: "is required" }];
    const error = new WaggleError("validation_failed", "One field is wrong", { cause, errors });
    expect(error).toMatchObject({ code: "validation_failed", detail: "One field is wrong", cause, errors });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe("WaggleError: validation_failed: One field is wrong");
  });

  it("has no wrong fields unless it is told some", () => {
    expect(new WaggleError("not_found", "There is no such thing").errors).toEqual([]);
  });
});
