import type { InboundEntry } from "@waggle/contracts";
import { InboundAddresses } from "../ports";
import { recipientAt } from "./recipient";

class OneAddress extends InboundAddresses {
  constructor(private readonly hash: string) {
    super();
  }

  find(hash: string): InboundEntry | null {
    return hash === this.hash ? { version: 1, deleted: false, hash, tenant_id: "ten_1" } : null;
  }
}

describe("recipientAt", () => {
  it.each([
    "4f2a@in.acme.com",
    "4F2A@in.acme.com",
    "4f2a@IN.ACME.com",
    "4f2a+orders@in.acme.com",
    "4F2A+a+b@in.acme.com",
    '"4f2a"@in.acme.com',
    '"4f\\2a+orders"@in.acme.com',
  ])("finds the address that %s names", (address) => {
    expect(recipientAt(address, "in.acme.com", new OneAddress("4f2a"))).toEqual({
      hash: "4f2a",
      tenant_id: "ten_1",
      address,
    });
  });

  it("takes a hash as it is before it lowers its case", () => {
    expect(recipientAt("aB@in.acme.com", "in.acme.com", new OneAddress("aB"))).toMatchObject({ hash: "aB" });
  });

  it.each(["xn--bcher-kva.example", "bücher.example", "BÜCHER.example"])(
    "knows its domain when it is spelled %s",
    (spelled) => {
      const addresses = new OneAddress("4f2a");
      expect(recipientAt(`4f2a@${spelled}`, "xn--bcher-kva.example", addresses)).not.toBeNull();
    },
  );

  it.each([
    "4f2a",
    "4f2a@",
    "@in.acme.com",
    "4f2b@in.acme.com",
    "4f2a@acme.com",
    "4f2a@x.in.acme.com",
    "4f2a@in.acme.com.evil.example",
    "4f2a@in.acme.com@evil.example",
    "4f2a@evil.example@in.acme.com",
    "4f2a%in.acme.com",
    "+4f2a@in.acme.com",
    '"4f2a@in.acme.com',
    '""@in.acme.com',
    "4f2a-orders@in.acme.com",
    "4f2a@[127.0.0.1]",
  ])("finds none for %j", (address) => {
    expect(recipientAt(address, "in.acme.com", new OneAddress("4f2a"))).toBeNull();
  });
});
