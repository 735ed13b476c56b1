import { PROBLEMS, type ProblemCode, problem } from "./problem";

describe("problems", () => {
  it("are RFC 9457 details with the registry's status and title", () => {
    const errors = [{ path: "/data/to", message: "is required" }];
    expect(problem("validation_failed", "One field is wrong", errors)).toEqual({
      type: "urn:waggle:problem:validation_failed",
      title: "Some fields are wrong",
      status: 422,
      code: "validation_failed",
      detail: "One field is wrong",
      errors,
    });
  });

  it("always have a list of errors", () => {
    expect(problem("not_found", "No such webhook").errors).toEqual([]);
  });

  it.each([
    ["malformed_json", 400],
    ["unauthorized", 401],
    ["insufficient_scope", 403],
    ["not_found", 404],
    ["webhook_disabled", 409],
    ["payload_too_large", 413],
    ["duplicate_id", 422],
    ["rate_limited", 429],
    ["kafka_unavailable", 503],
  ] satisfies [ProblemCode, number][])("answer %s with %i", (code, status) => {
    expect(PROBLEMS[code].status).toBe(status);
  });
});
