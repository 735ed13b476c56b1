import { randomBytes } from "node:crypto";
import type { SealedSecret } from "@waggle/contracts";
import { WEBHOOK_LIMITS } from "@waggle/domain";
import { createSecretBox } from "@waggle/secrets";
import fc from "fast-check";
import { rotate } from "./rotate";

const AAD = "ten_1|wh_1";
const HOUR = 3_600_000;
const key = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const box = createSecretBox(key("k1"));
const sealed = (plain: string, expires_at: number | null): SealedSecret => ({
  sealed: box.seal(plain, AAD),
  expires_at,
});
const FIRST = "the-first-secret";
const start = [sealed(FIRST, null)];

const at = (now: number) => ({ box, aad: AAD, now });
const to = (imported: string | null, overlapMs = 24 * HOUR) => ({ imported, overlapMs });
const opened = (secrets: readonly SealedSecret[]) =>
  secrets.map((secret) => [box.open(secret.sealed, AAD), secret.expires_at]);

it("puts a generated secret first and lets the one before sign until the overlap ends", () => {
  const rotated = rotate(start, to(null), at(1_000));
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.previous_expires_at).toBe(1_000 + 24 * HOUR);
  expect(opened(rotated.secrets)).toEqual([
    [rotated.secret, null],
    [FIRST, 1_000 + 24 * HOUR],
  ]);
});

it("ends every secret before at once when there is no overlap", () => {
  const twice = rotate(rotate(start, to(null), at(0)).secrets, to("the-third-secret", 0), at(1));
  expect(opened(twice.secrets)).toEqual([["the-third-secret", null]]);
  expect(twice.previous_expires_at).toBeNull();
});

it("keeps those of an earlier rotation until their own end, or this overlap's if that is sooner", () => {
  const once = rotate(start, to("the-second-secret", 2 * HOUR), at(0)).secrets;
  expect(opened(rotate(once, to("the-third-secret", 5 * HOUR), at(HOUR)).secrets)).toEqual([
    ["the-third-secret", null],
    ["the-second-secret", 6 * HOUR],
    [FIRST, 2 * HOUR],
  ]);
  expect(opened(rotate(once, to("the-third-secret", 60_000), at(HOUR)).secrets)).toEqual([
    ["the-third-secret", null],
    ["the-second-secret", HOUR + 60_000],
    [FIRST, HOUR + 60_000],
  ]);
});

it("leaves out what has ended", () => {
  const once = rotate(start, to("the-second-secret", HOUR), at(0)).secrets;
  const { secrets } = rotate(once, to("the-third-secret"), at(HOUR));
  expect(opened(secrets).map(([plain]) => plain)).toEqual(["the-third-secret", "the-second-secret"]);
});

it("changes nothing for the secret that is current, but an overlap that is to end sooner", () => {
  const { secrets: once } = rotate(start, to("the-second-secret"), at(0));
  expect(rotate(once, to("the-second-secret"), at(1)).secrets).toEqual(once);
  expect(rotate(once, to("the-second-secret", 0), at(1)).secrets).toEqual(once.slice(0, 1));
});

it("goes back to the one before, which then signs once and without an end", () => {
  const { secrets } = rotate(start, to("the-second-secret"), at(0));
  expect(opened(rotate(secrets, to(FIRST, HOUR), at(1)).secrets)).toEqual([
    [FIRST, null],
    ["the-second-secret", 1 + HOUR],
  ]);
});

it("mends an owner whose secret cannot be opened here, and keeps that for who can", () => {
  const lost: SealedSecret = { sealed: createSecretBox(key("lost")).seal(FIRST, AAD), expires_at: null };
  const { secrets } = rotate([lost], to("the-second-secret"), at(0));
  expect(secrets[1]).toEqual({ sealed: lost.sealed, expires_at: 24 * HOUR });
});

it("refuses one more than may sign, unless that ends others", () => {
  let secrets: readonly SealedSecret[] = start;
  for (let live = 1; live < WEBHOOK_LIMITS.liveSecrets; live++) secrets = rotate(secrets, to(null), at(live)).secrets;
  expect(secrets).toHaveLength(WEBHOOK_LIMITS.liveSecrets);
  expect(() => rotate(secrets, to(null), at(9))).toThrow(expect.objectContaining({ code: "too_many_secrets" }));
  expect(rotate(secrets, to(null, 0), at(9)).secrets).toHaveLength(1);
  expect(rotate(secrets, to(null), at(1 + 24 * HOUR)).secrets).toHaveLength(WEBHOOK_LIMITS.liveSecrets);
});

it("always leaves one current secret, first, and others that end in time, each secret once", () => {
  const step = fc.record({
    imported: fc.constantFrom(null, "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"),
    overlapMs: fc.integer({ min: 0, max: 100 }),
    pause: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let secrets: readonly SealedSecret[] = start;
      let now = 0;
      for (const { imported, overlapMs, pause } of steps) {
        now += pause;
        try {
          secrets = rotate(secrets, { imported, overlapMs }, at(now)).secrets;
        } catch (error) {
          expect(error).toMatchObject({ code: "too_many_secrets" });
          continue;
        }
        const [first, ...others] = opened(secrets);
        expect(first?.[1]).toBeNull();
        for (const [, end] of others) expect(Number(end)).toBeLessThanOrEqual(now + overlapMs);
        for (const [, end] of others) expect(Number(end)).toBeGreaterThan(now);
        expect(new Set(opened(secrets).map(([plain]) => plain)).size).toBe(secrets.length);
      }
    }),
  );
});
