import { ATTEMPT_ERRORS, classify, retryAfterSeconds } from "./outcome";

const NOW = Date.UTC(2026, 3, 17, 12, 0, 0);

const answered = (status_code: number, retry_after: string | null = null) =>
  classify({ status_code, retry_after }, NOW);

describe("classify", () => {
  it.each([200, 201, 202, 204, 226, 299])("takes %i for success", (status_code) => {
    expect(answered(status_code)).toEqual({ kind: "delivered", status_code });
  });

  it.each([300, 301, 302, 303, 304, 307, 308, 399])("takes %i for a refused redirect", (status_code) => {
    expect(answered(status_code)).toMatchObject({ kind: "failed", status_code, error: "redirect_refused" });
  });

  it.each([100, 101, 199, 400, 401, 404, 409, 429, 500, 502, 503, 599])("takes %i for a failure", (status_code) => {
    expect(answered(status_code)).toMatchObject({ kind: "failed", status_code, error: "http_status", gone: false });
  });

  it("takes 410 alone for gone", () => {
    expect(answered(410)).toMatchObject({ kind: "failed", status_code: 410, error: "http_status", gone: true });
  });

  it.each(ATTEMPT_ERRORS)("passes the error %s on, without a status", (error) => {
    expect(classify({ error }, NOW)).toEqual({
      kind: "failed",
      status_code: null,
      error,
      gone: false,
      retry_after_s: 0,
    });
  });

  it.each([429, 503])("heeds Retry-After of a %i", (status_code) => {
    expect(answered(status_code, "120")).toMatchObject({ retry_after_s: 120 });
  });

  it.each([301, 408, 410, 500, 502])("does not heed Retry-After of a %i", (status_code) => {
    expect(answered(status_code, "120")).toMatchObject({ retry_after_s: 0 });
  });
});

describe("retryAfterSeconds", () => {
  it.each([
    [null, 0],
    ["0", 0],
    ["120", 120],
    [" 120 ", 120],
    ["0120", 120],
    ["21600", 21_600],
    ["21601", 21_600],
    ["99999999999999999999999999", 21_600],
    ["Fri, 17 Apr 2026 12:01:30 GMT", 90],
    ["Friday, 17-Apr-26 12:01:30 GMT", 90],
    ["Fri Apr 17 12:01:30 2026", 90],
    ["Fri, 17 Apr 2026 11:59:59 GMT", 0],
    ["Fri, 17 Apr 2099 12:00:00 GMT", 21_600],
  ])("reads %j as %i seconds", (header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds);
  });

  it("rounds a part of a second up, or the next attempt would be early", () => {
    expect(retryAfterSeconds("Fri, 17 Apr 2026 12:00:05 GMT", NOW + 1)).toBe(5);
  });

  it.each(["", " ", "-5", "+5", "1.5", "1e3", "0x10", "soon", "Wait 2099", "120, 120", "2026-04-17T12:01:30Z", "١٢"])(
    "takes %j for nothing",
    (header) => {
      expect(retryAfterSeconds(header, NOW)).toBe(0);
    },
  );
});
