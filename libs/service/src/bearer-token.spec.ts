import { bearerToken, sameToken } from "./bearer-token";

describe("a bearer token", () => {
  it.each(["Bearer abc", "bearer abc", "BEARER   abc", " Bearer abc "])("is read from %j", (header) => {
    expect(bearerToken(header)).toBe("abc");
  });

  it.each([undefined, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer ä", "abc"])(
    "is not found in %j",
    (header) => {
      expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: "unauthorized" }));
    },
  );

  it("is compared as a whole", () => {
    expect(sameToken("abc", "abc")).toBe(true);
    expect(sameToken("abc", "abcd")).toBe(false);
    expect(sameToken("", "abc")).toBe(false);
  });
});
