import { createHash } from "node:crypto";
import fc from "fast-check";
import { deliveryId } from "./delivery-id";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const identity = (tenant_id: string, event_id: string, webhook_id: string) => ({ tenant_id, event_id, webhook_id });

describe("deliveryId", () => {
  it("holds 128 bits in hexadecimal and no dot, which Standard Webhooks separates by", () => {
    expect(deliveryId(identity("ten_1", "evt_1", "wh_1"), sha256)).toMatch(/^dlv_[0-9a-f]{32}$/);
  });

  it("is the same whenever and wherever it is made", () => {
    expect(deliveryId(identity("ten_1", "evt_1", "wh_1"), sha256)).toBe("dlv_859498298a28ae1a89b22b3ed45f35e3");
  });

  it("hashes each part with its length, so that no other split of the same characters gives the same text", () => {
    const hashed: string[] = [];
    deliveryId(identity("a", "bc", "d"), (text) => {
      hashed.push(text);
      return sha256(text);
    });
    expect(hashed).toEqual(["1:a2:bc1:d"]);
  });

  it("differs when any part differs", () => {
    const part = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", "1", ":", "/") });
    const parts = fc.tuple(part, part, part);
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = one.every((value, index) => value === other[index]);
        expect(deliveryId(identity(...one), sha256) === deliveryId(identity(...other), sha256)).toBe(same);
      }),
    );
  });
});
