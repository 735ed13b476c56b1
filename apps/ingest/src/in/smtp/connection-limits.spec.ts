import { ConnectionLimits } from "./connection-limits";

describe("ConnectionLimits", () => {
  it("admits so many from one address, and again when one of them went", () => {
    const limits = new ConnectionLimits({ inAll: 10, perAddress: 2 });
    expect(["a", "b", "c"].map((id) => limits.admit(id, "192.0.2.1"))).toEqual([true, true, false]);
    expect(limits.admit("d", "192.0.2.2")).toBe(true);
    limits.release("a");
    expect(limits.admit("e", "192.0.2.1")).toBe(true);
    expect(limits.admit("f", "192.0.2.1")).toBe(false);
  });

  it("admits so many in all", () => {
    const limits = new ConnectionLimits({ inAll: 2, perAddress: 2 });
    expect(["a", "b", "c"].map((id) => limits.admit(id, `192.0.2.${id}`))).toEqual([true, true, false]);
    limits.release("b");
    expect(limits.admit("c", "192.0.2.9")).toBe(true);
  });

  it("counts a /64 of IPv6 as one address", () => {
    const limits = new ConnectionLimits({ inAll: 10, perAddress: 1 });
    expect(limits.admit("a", "2001:db8:0:1::1")).toBe(true);
    expect(limits.admit("b", "2001:db8:0:1:ffff:1:2:3")).toBe(false);
    expect(limits.admit("c", "2001:db8:0:2::1")).toBe(true);
    expect(limits.admit("d", "2001:db8::1")).toBe(true);
    expect(limits.admit("e", "::1")).toBe(true);
    expect(limits.admit("f", "::ffff:192.0.2.1")).toBe(true);
    expect(limits.admit("g", "::ffff:192.0.2.2")).toBe(true);
    limits.release("a");
    expect(limits.admit("h", "2001:db8:0:1::2")).toBe(true);
  });

  it("is not moved by the end of a connection that it did not admit, or that ends twice", () => {
    const limits = new ConnectionLimits({ inAll: 1, perAddress: 1 });
    limits.admit("a", "192.0.2.1");
    limits.release("turned away");
    expect(limits.admit("b", "192.0.2.2")).toBe(false);
    limits.release("a");
    limits.release("a");
    expect(limits.admit("c", "192.0.2.1")).toBe(true);
    expect(limits.admit("d", "192.0.2.1")).toBe(false);
  });
});
