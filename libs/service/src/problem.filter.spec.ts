import { HttpException, NotFoundException } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import { toProblem } from "./problem.filter";

const fastifyError = (statusCode: number, code: string) =>
  Object.assign(new Error("told to nobody"), { statusCode, code });

describe("an error at the edge", () => {
  it("of the registry keeps its code, detail and fields", () => {
    const errors = [{ path: "/url", message: "is not a URL" }];
    const error = new WaggleError("validation_failed", "some fields are wrong", { errors });
    expect(toProblem(error)).toEqual({
      type: "urn:waggle:problem:validation_failed",
      title: "Some fields are wrong",
      status: 422,
      code: "validation_failed",
      detail: "some fields are wrong",
      errors,
    });
  });

  it.each([
    [new NotFoundException(), "not_found"],
    [new HttpException("x", 413), "payload_too_large"],
    [fastifyError(413, "FST_ERR_CTP_BODY_TOO_LARGE"), "payload_too_large"],
    [fastifyError(415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"), "unsupported_media_type"],
    [fastifyError(400, "FST_ERR_CTP_INVALID_JSON_BODY"), "malformed_json"],
    [new SyntaxError("Unexpected token"), "malformed_json"],
    [fastifyError(418, "ODD"), "internal_error"],
    [new WaggleError("secret_unreadable", "of no registry"), "internal_error"],
    [new Error("a password"), "internal_error"],
    ["not even an error", "internal_error"],
  ])("%s becomes %s", (error, code) => {
    const problem = toProblem(error);
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem)).not.toMatch(/told to nobody|password|of no registry/);
  });
});
