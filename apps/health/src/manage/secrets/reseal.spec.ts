import { randomBytes } from "node:crypto";
import { createSecretBox } from "@waggle/secrets";
import type { MovedBatch, SealedCount, SealedKind, SealedValue } from "./ports";
import { reseal, underOtherKeys } from "./reseal";

const key = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [key("old"), key("new")];
const old = createSecretBox(OLD);
const both = createSecretBox(`${NEW},${OLD}`);

/** Values in memory, each of an owner of its own, a page of two at a time. */
class Values {
  moved = 0;
  beforeBatch: () => void = () => {};

  constructor(readonly kinds: Readonly<Partial<Record<SealedKind, Map<string, string>>>>) {}

  async moveBatch(
    kind: SealedKind,
    { kid, after }: { readonly kid: string; readonly after: string },
    move: (value: SealedValue) => string,
  ): Promise<MovedBatch> {
    const values = this.kinds[kind] ?? new Map<string, string>();
    const page = [...values.keys()].filter((owner) => owner > after).sort();
    const batch = page.slice(0, 2);
    let moved = 0;
    if (batch.length > 0) this.beforeBatch();
    for (const owner of batch) {
      const before = values.get(owner) ?? "";
      const sealed = before.startsWith(`v1.${kid}.`) ? before : move({ sealed: before, aad: `|${owner}`, owner });
      if (sealed !== before) moved++;
      values.set(owner, sealed);
    }
    this.moved += moved;
    return { moved, next: page.length <= 2 ? null : (batch.at(-1) ?? null) };
  }
}

const sealedBy = (box: typeof old, ...owners: string[]) =>
  new Map(owners.map((owner) => [owner, box.seal(`of ${owner}`, `|${owner}`)]));

const parts = (store: Values) => ({ store, box: both, onProgress: () => {} });

it("moves everything of every kind to the first key", async () => {
  const store = new Values({
    tenants: sealedBy(old, "ten_1"),
    webhooks: sealedBy(old, "wh_1", "wh_2", "wh_3"),
    answers: sealedBy(old, "ten_1/a", "ten_1/b"),
  });
  const moved = { tenants: 1, webhooks: 3, answers: 2 };
  expect(await reseal(parts(store))).toEqual({ moved, unreadable: [] });
  const fresh = createSecretBox(NEW);
  for (const values of Object.values(store.kinds)) {
    for (const [owner, sealed] of values) expect(fresh.open(sealed, `|${owner}`)).toBe(`of ${owner}`);
  }
  expect((await reseal(parts(store))).moved).toEqual({ tenants: 0, webhooks: 0, answers: 0 });
});

it("says how far it is", async () => {
  const store = new Values({ webhooks: sealedBy(old, "wh_1", "wh_2", "wh_3") });
  const progress: unknown[] = [];
  await reseal({ ...parts(store), onProgress: (step) => progress.push(step) });
  expect(progress).toEqual([
    { kind: "webhooks", moved: 2 },
    { kind: "webhooks", moved: 3 },
  ]);
});

it("goes on with the rest after an interruption", async () => {
  const store = new Values({ webhooks: sealedBy(old, "wh_1", "wh_2", "wh_3", "wh_4") });
  let batches = 0;
  store.beforeBatch = () => {
    if (++batches === 2) throw new Error("the connection broke");
  };
  await expect(reseal(parts(store))).rejects.toThrow("broke");
  store.beforeBatch = () => {};
  expect((await reseal(parts(store))).moved.webhooks).toBe(2);
  expect(store.moved).toBe(4);
});

it("comes back to what somebody sealed with the old key behind it", async () => {
  const webhooks = sealedBy(old, "wh_1", "wh_2", "wh_3", "wh_4");
  const store = new Values({ webhooks });
  let batches = 0;
  store.beforeBatch = () => {
    if (++batches === 2) webhooks.set("wh_1", old.seal("changed meanwhile", "|wh_1"));
  };
  expect((await reseal(parts(store))).moved.webhooks).toBe(5);
});

it("names who has something that does not open, leaves that alone and moves the rest", async () => {
  const webhooks = sealedBy(old, "wh_2");
  const stranger = createSecretBox(key("lost")).seal("?", "|wh_1");
  webhooks.set("wh_1", stranger);
  const { moved, unreadable } = await reseal(parts(new Values({ webhooks })));
  expect([moved.webhooks, unreadable]).toEqual([1, ["wh_1"]]);
  expect(webhooks.get("wh_1")).toBe(stranger);
});

it("counts what is under other keys", () => {
  const counts: SealedCount[] = [
    { what: "secrets", kid: "new", count: 5 },
    { what: "secrets", kid: "old", count: 2 },
    { what: "outbox", kid: "older", count: 1 },
  ];
  expect(underOtherKeys(counts, "new")).toBe(3);
});
