import { randomBytes } from "node:crypto";
import { createSecretBox, webhookAad } from "./index";

const key = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;

describe("secret box", () => {
  it("opens what it sealed, for the same owner", () => {
    const box = createSecretBox(key("k1"));
    const sealed = box.seal("whsec_é✓", webhookAad("ten_1", "wh_1"));
    expect(sealed).toMatch(/^v1\.k1\./);
    expect(sealed).not.toContain("whsec_");
    expect(box.open(sealed, webhookAad("ten_1", "wh_1"))).toBe("whsec_é✓");
  });

  it("does not open what was moved to another webhook", () => {
    const box = createSecretBox(key("k1"));
    const sealed = box.seal("secret", webhookAad("ten_1", "wh_1"));
    expect(() => box.open(sealed, webhookAad("ten_1", "wh_2"))).toThrow(
      expect.objectContaining({ code: "secret_unreadable" }),
    );
  });

  it("does not open what was altered, shortened or sealed under a key it does not have", () => {
    const box = createSecretBox(key("k1"));
    const sealed = box.seal("secret", "a|b");
    const parts = sealed.split(".");
    const flipped = [...parts.slice(0, 3), Buffer.from("zzzzzz").toString("base64url"), parts[4]].join(".");
    for (const bad of [flipped, parts.slice(0, 4).join("."), "", createSecretBox(key("k2")).seal("secret", "a|b")]) {
      expect(() => box.open(bad, "a|b")).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    }
  });

  it("seals with the first key and opens with all", () => {
    const [old, fresh] = [key("old"), key("new")];
    const sealed = createSecretBox(old).seal("secret", "a|b");
    const both = createSecretBox(`${fresh},${old}`);
    expect(both.open(sealed, "a|b")).toBe("secret");
    expect(both.seal("secret", "a|b")).toMatch(/^v1\.new\./);
  });

  it("moves to the first key what another sealed, and leaves alone what that key sealed", () => {
    const [old, fresh] = [key("k"), key("k2")];
    const both = createSecretBox(`${fresh},${old}`);
    const moved = both.reseal(createSecretBox(old).seal("secret", "a|b"), "a|b");
    expect(moved).toMatch(/^v1\.k2\./);
    expect(createSecretBox(fresh).open(moved, "a|b")).toBe("secret");
    expect(both.reseal(moved, "a|b")).toBe(moved);
    expect(() => createSecretBox(fresh).reseal(createSecretBox(old).seal("secret", "a|b"), "a|b")).toThrow(
      expect.objectContaining({ code: "secret_unreadable" }),
    );
  });

  it.each([
    "",
    "k1",
    "k1:short",
    `k1:${randomBytes(31).toString("base64")}`,
    `k 1:${randomBytes(32).toString("base64")}`,
  ])("refuses %j as a key ring", (keys) => {
    expect(() => createSecretBox(keys)).toThrow(RangeError);
  });

  it("refuses two keys of one name", () => {
    expect(() => createSecretBox(`${key("k1")},${key("k1")}`)).toThrow("same kid");
  });
});
