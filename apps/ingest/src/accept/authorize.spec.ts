import type { ApiKeyEntry } from "@waggle/contracts";
import { authorize } from "./authorize";
import { ApiKeys } from "./ports";

class OneKey extends ApiKeys {
  constructor(private readonly entry: Partial<ApiKeyEntry>) {
    super();
  }

  find(key: string): ApiKeyEntry | null {
    if (key !== "wag_known") return null;
    const id = { version: 1, deleted: false as const, id: "key_1", tenant_id: "ten_1" };
    return { ...id, scopes: ["publish"], expires_at: null, ...this.entry };
  }
}

describe("authorize", () => {
  it("names the tenant of a key that may publish, and the key", () => {
    expect(authorize(new OneKey({}), "wag_known", 1_000)).toEqual({ tenantId: "ten_1", keyId: "key_1" });
    expect(authorize(new OneKey({ scopes: ["manage", "publish"] }), "wag_known", 1_000)).toEqual({
      tenantId: "ten_1",
      keyId: "key_1",
    });
  });

  it("refuses an unknown key", () => {
    expect(() => authorize(new OneKey({}), "wag_other", 1_000)).toThrow(
      expect.objectContaining({ code: "unauthorized" }),
    );
  });

  it("refuses a key from the millisecond it expires", () => {
    const keys = new OneKey({ expires_at: 1_000 });
    expect(authorize(keys, "wag_known", 999)).toEqual({ tenantId: "ten_1", keyId: "key_1" });
    expect(() => authorize(keys, "wag_known", 1_000)).toThrow(expect.objectContaining({ code: "unauthorized" }));
  });

  it.each([[["manage"]], [[]]] as const)("refuses a key with scopes %j", (scopes) => {
    const keys = new OneKey({ scopes: [...scopes] });
    expect(() => authorize(keys, "wag_known", 1_000)).toThrow(expect.objectContaining({ code: "insufficient_scope" }));
  });
});
