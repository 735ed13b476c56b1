import { generateApiKey, generateInboundHash, generateSecret, hashApiKey, newId } from "./index";

describe("tokens", () => {
  it("makes API keys of wag_ and 40 characters, each another", () => {
    const keys = Array.from({ length: 100 }, generateApiKey);
    for (const key of keys) expect(key).toMatch(/^wag_[A-Za-z0-9_-]{40}$/);
    expect(new Set(keys).size).toBe(100);
  });

  it("hashes an API key as SHA-256 hex", () => {
    expect(hashApiKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("makes secrets of whsec_ and the base64 of 32 bytes", () => {
    const secret = generateSecret();
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
  });

  it("makes hashes of inbound addresses that survive relays which fold case, each another", () => {
    const hashes = Array.from({ length: 100 }, generateInboundHash);
    for (const hash of hashes) expect(hash).toMatch(/^[a-z2-7]{32}$/);
    expect(new Set(hashes).size).toBe(100);
  });

  it("makes ids that sort by time", () => {
    expect(newId("wh", 1_000) < newId("wh", 2_000)).toBe(true);
    expect(newId("wh", 1_000)).toMatch(/^wh_[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});
