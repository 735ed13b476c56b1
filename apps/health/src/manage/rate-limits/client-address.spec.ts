import { addressesWithin, clientAddress } from "./client-address";

const isProxy = addressesWithin(["10.0.0.0/8", "2001:db8:1::/48"]);
const client = (peer: string, forwardedFor?: string) => clientAddress({ peer, forwardedFor }, isProxy);

it.each([
  ["who connects directly", "203.0.113.1", undefined, "203.0.113.1"],
  ["who connects directly and says otherwise", "203.0.113.1", "198.51.100.1", "203.0.113.1"],
  ["whom our proxy names", "10.0.0.1", "203.0.113.1", "203.0.113.1"],
  ["whom our proxy names as IPv6", "10.0.0.1", "2001:db8:2::1", "2001:db8:2::1"],
  ["behind a proxy of ours with IPv6", "2001:db8:1::1", "203.0.113.1", "203.0.113.1"],
  ["behind one that a dual socket shows as IPv6", "::ffff:10.0.0.1", "::ffff:203.0.113.1", "203.0.113.1"],
  ["behind several of ours", "10.0.0.1", "203.0.113.1, 10.0.0.2,10.0.0.3", "203.0.113.1"],
  ["who makes up whom it speaks for", "10.0.0.1", "198.51.100.9, 203.0.113.1", "203.0.113.1"],
  ["whom our proxy does not name", "10.0.0.1", undefined, "10.0.0.1"],
  ["whom our proxy calls what is no address", "10.0.0.1", "203.0.113.1, unknown", "10.0.0.1"],
])("is that of %s", (_, peer, forwardedFor, expected) => {
  expect(client(peer, forwardedFor)).toBe(expected);
});

it("believes nobody without proxies", () => {
  const origin = { peer: "10.0.0.1", forwardedFor: "203.0.113.1" };
  expect(clientAddress(origin, addressesWithin([]))).toBe("10.0.0.1");
});
