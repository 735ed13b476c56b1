import fc from "fast-check";
import { ulid } from "./ulid";

const zeros = new Uint8Array(16);
const MAX_TIME = 2 ** 48 - 1;

describe("ulid", () => {
  it("is the specification's example: 10 characters of time before 16 of randomness", () => {
    expect(ulid(1_469_918_176_385, zeros)).toBe(`01ARYZ6S41${"0".repeat(16)}`);
  });

  it("reaches the end of its time range", () => {
    expect(ulid(MAX_TIME, new Uint8Array(16).fill(255))).toBe("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  });

  it("uses the low five bits of each random byte", () => {
    const random = Uint8Array.from({ length: 16 }, (_, index) => index + 0b1110_0000);
    expect(ulid(0, random)).toBe("00000000000123456789ABCDEF");
  });

  it("refuses too little randomness", () => {
    expect(() => ulid(0, new Uint8Array(15))).toThrow(RangeError);
  });

  it("sorts as its times do", () => {
    const time = fc.integer({ min: 0, max: MAX_TIME });
    const random = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(time, time, random, random, (one, other, some, more) => {
        if (one === other) return;
        expect(ulid(one, some) < ulid(other, more)).toBe(one < other);
      }),
    );
  });
});
