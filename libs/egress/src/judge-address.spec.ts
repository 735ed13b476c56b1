import { createEgressPolicy, judgeAddress } from "./index";

const strict = createEgressPolicy({ allowHttpUrls: false, allowedPrivateCidrs: [] });

/** Each denied range of safety.md by its neighbours: the address before, first, last, the address behind. */
const IPV4_EDGES: readonly (readonly [string, string, string, string])[] = [
  ["", "0.0.0.0", "0.255.255.255", "1.0.0.0"],
  ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
  ["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"],
  ["126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"],
  ["169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"],
  ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"],
  ["191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"],
  ["192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"],
  ["192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"],
  ["192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"],
  ["192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"],
  ["192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"],
  ["192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"],
  ["198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"],
  ["198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"],
  ["203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"],
  ["223.255.255.255", "224.0.0.0", "255.255.255.255", ""],
  ["168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"],
];

const IPV6_EDGES: readonly (readonly [string, string, string, string])[] = [
  ["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"],
  ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
  ["2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"],
  [
    "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
    "2620:4f:8000::",
    "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
    "2620:4f:8001::",
  ],
  ["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"],
];

describe.each([...IPV4_EDGES, ...IPV6_EDGES])("around the denied range after %s", (before, first, last, behind) => {
  test.each([first, last])("%s is refused", (ip) => {
    expect(judgeAddress(strict, ip)).toMatchObject({ allowed: false, reason: "address_not_allowed" });
  });

  test.each([before, behind].filter((ip) => ip !== ""))("%s is allowed", (ip) => {
    expect(judgeAddress(strict, ip)).toEqual({ allowed: true });
  });
});

test("IPv6 is public from 2000:: to 3fff:ffff:…, and nowhere else", () => {
  expect(judgeAddress(strict, "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").allowed).toBe(false);
  expect(judgeAddress(strict, "2000::").allowed).toBe(true);
  expect(judgeAddress(strict, "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").allowed).toBe(true);
  expect(judgeAddress(strict, "4000::").allowed).toBe(false);
});

test.each([
  ["the unspecified address", "::"],
  ["loopback", "::1"],
  ["IPv4-mapped", "::ffff:8.8.8.8"],
  ["IPv4-mapped in groups", "::ffff:808:808"],
  ["IPv4-compatible", "::8.8.8.8"],
  ["IPv4-translated", "::ffff:0:8.8.8.8"],
  ["NAT64", "64:ff9b::808:808"],
  ["local NAT64", "64:ff9b:1::808:808"],
  ["6to4", "2002:808:808::1"],
  ["Teredo", "2001:0:808:808::1"],
  ["unique local", "fd12:3456::1"],
  ["link-local", "fe80::1"],
  ["multicast", "ff02::1"],
  ["a public address with a zone", "2606:4700:4700::1111%eth0"],
  ["no address at all", "example.com"],
  ["a short spelling", "127.1"],
  ["an octal spelling", "0177.0.0.1"],
  ["brackets", "[2606:4700:4700::1111]"],
  ["nothing", ""],
])("%s is refused: %s", (_, ip) => {
  expect(judgeAddress(strict, ip).allowed).toBe(false);
});

describe("with 127.0.0.0/8 and ::1/128 allowed", () => {
  const local = createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: ["127.0.0.0/8", "::1/128"] });

  test.each(["127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "8.8.8.8"])("%s is allowed", (ip) => {
    expect(judgeAddress(local, ip).allowed).toBe(true);
  });

  test.each(["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "0.0.0.0", "10.0.0.1", "::2"])(
    "%s is still refused",
    (ip) => {
      expect(judgeAddress(local, ip).allowed).toBe(false);
    },
  );
});

test("an embedded IPv4 address passes only when the IPv6 range that holds it was allowed", () => {
  const nat64 = createEgressPolicy({ allowHttpUrls: false, allowedPrivateCidrs: ["64:ff9b::/96"] });
  expect(judgeAddress(nat64, "64:ff9b::808:808").allowed).toBe(true);
  expect(judgeAddress(nat64, "::ffff:8.8.8.8").allowed).toBe(false);
});

test("the operator's denied list wins over what is public and over what is allowed", () => {
  const policy = createEgressPolicy({
    allowHttpUrls: false,
    allowedPrivateCidrs: ["10.0.0.0/8"],
    deniedCidrs: ["10.9.0.0/16", "8.8.8.0/24", "2606:4700::/32"],
  });
  expect(judgeAddress(policy, "10.1.0.1").allowed).toBe(true);
  for (const ip of ["10.9.0.1", "8.8.8.8", "2606:4700:4700::1111"]) {
    expect(judgeAddress(policy, ip)).toMatchObject({ allowed: false, detail: "the operator has denied this address" });
  }
});
