import fc from "fast-check";
import { isInside, parseRanges } from "./address-ranges";

test.each([
  "10.0.0.0",
  "10.0.0/8",
  "10.0.0.0/33",
  "fd00::/129",
  "10.0.0.0/-1",
  "10.0.0.0/8 ",
  "/8",
  "",
  "fe80::%eth0/10",
])("%j is named as no CIDR", (cidr) => {
  expect(() => parseRanges("ALLOWED", ["127.0.0.0/8", cidr])).toThrow(`ALLOWED: `);
  expect(() => parseRanges("ALLOWED", ["127.0.0.0/8", cidr])).toThrow(JSON.stringify(cidr));
});

test("every wrong CIDR is named at once, and no right one", () => {
  expect(() => parseRanges("ALLOWED", ["a", "127.0.0.0/8", "b"])).toThrow(/: "a", "b"$/);
});

test("bits beyond the prefix do not matter", () => {
  expect(isInside(parseRanges("x", ["10.1.2.3/8"]), "10.255.0.1")).toBe(true);
});

test("an IPv4 range does not cover IPv4-mapped IPv6 addresses, nor the other way round", () => {
  const ipv4 = parseRanges("x", ["127.0.0.0/8"]);
  expect(isInside(ipv4, "127.0.0.1")).toBe(true);
  expect(isInside(ipv4, "::ffff:127.0.0.1")).toBe(false);
  const mapped = parseRanges("x", ["::ffff:127.0.0.0/104"]);
  expect(isInside(mapped, "::ffff:7f12:3456")).toBe(true);
  expect(isInside(mapped, "127.0.0.1")).toBe(false);
});

const bits = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

test("an IPv4 address is inside a range exactly when their first bits agree", () => {
  const address = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 31 }), (base, prefix, flipped) => {
      const other = (base ^ (1 << flipped)) >>> 0;
      const range = parseRanges("x", [`${bits(base)}/${prefix}`]);
      expect(isInside(range, bits(base))).toBe(true);
      // Bit 31 is the first one; flipping a bit inside the prefix leaves the range.
      expect(isInside(range, bits(other))).toBe(31 - flipped >= prefix);
    }),
  );
});

test("an IPv6 address is inside a range exactly when their first bits agree", () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  const spell = (address: readonly number[]): string => address.map((group) => group.toString(16)).join(":");
  fc.assert(
    fc.property(groups, fc.integer({ min: 0, max: 128 }), fc.integer({ min: 0, max: 127 }), (base, prefix, flipped) => {
      const other = base.map((group, index) =>
        index === Math.floor(flipped / 16) ? group ^ (0x8000 >> (flipped % 16)) : group,
      );
      const range = parseRanges("x", [`${spell(base)}/${prefix}`]);
      expect(isInside(range, spell(base))).toBe(true);
      expect(isInside(range, spell(other))).toBe(flipped >= prefix);
    }),
  );
});
