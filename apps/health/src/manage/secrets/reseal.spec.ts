import { randomBytes } from "node:crypto";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import {
  type OwnerKind,
  type OwnersPage,
  type SealedCount,
  SealedStore,
  type SealedValues,
  type SecretOwner,
} from "./ports";
import { reseal, underOtherKeys } from "./reseal";

const key = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [key("old"), key("new")];
const old = createSecretBox(OLD);
const both = createSecretBox(`${NEW},${OLD}`);

const kidOf = ({ sealed }: { readonly sealed: string }) => sealed.split(".")[1];
const valuesOf = ({ secrets, headers }: SealedValues) => [...secrets, ...headers];

/** Owners in memory, a page of two at a time. */
class Owners extends SealedStore {
  rewritten = 0;
  beforeRewrite: () => void = () => {};

  constructor(readonly owners: Map<string, SecretOwner>) {
    super();
  }

  async withExpired(): Promise<string[]> {
    return [];
  }

  async withOtherKeys(kind: OwnerKind, kid: string, after: string): Promise<OwnersPage> {
    const page = [...this.owners]
      .filter(([id, { webhook_id }]) => id > after && (webhook_id === null) === (kind === "tenant"))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, 2);
    const ids = page.filter(([, owner]) => valuesOf(owner).some((value) => kidOf(value) !== kid)).map(([id]) => id);
    return { ids, next: page.length < 2 ? null : (page.at(-1)?.[0] ?? null) };
  }

  async rewrite(_: OwnerKind, ids: readonly string[], rewrite: (owner: SecretOwner) => SealedValues): Promise<number> {
    this.beforeRewrite();
    let count = 0;
    for (const id of ids) {
      const owner = this.owners.get(id);
      if (!owner) continue;
      const values = rewrite(owner);
      if (valuesOf(values).every((value, index) => value.sealed === valuesOf(owner)[index]?.sealed)) continue;
      this.owners.set(id, { ...owner, ...values });
      count++;
    }
    this.rewritten += count;
    return count;
  }

  async counts(): Promise<SealedCount[]> {
    return [];
  }
}

function webhook(id: string, box = old): [string, SecretOwner] {
  const aad = webhookAad("ten_1", id);
  const secrets = [
    { sealed: box.seal(`${id}-current`, aad), expires_at: null },
    { sealed: box.seal(`${id}-previous`, aad), expires_at: 5 },
  ];
  return [
    id,
    { tenant_id: "ten_1", webhook_id: id, secrets, headers: [{ name: "X-Key", sealed: box.seal("value", aad) }] },
  ];
}

function tenant(): [string, SecretOwner] {
  const secrets = [{ sealed: old.seal("shared", tenantAad("ten_1")), expires_at: null }];
  return ["ten_1", { tenant_id: "ten_1", webhook_id: null, secrets, headers: [] }];
}

const parts = (store: SealedStore) => ({ store, box: both, onProgress: () => {} });

it("moves every secret and header value to the first key, and nothing else about them", async () => {
  const store = new Owners(new Map([tenant(), ...["wh_1", "wh_2", "wh_3"].map((id) => webhook(id))]));
  expect(await reseal(parts(store))).toEqual({ moved: { tenant: 1, webhook: 3 }, unreadable: [] });
  const fresh = createSecretBox(NEW);
  for (const [id, { secrets, headers, webhook_id }] of store.owners) {
    const aad = webhook_id === null ? tenantAad("ten_1") : webhookAad("ten_1", id);
    const plain = webhook_id === null ? ["shared"] : [`${id}-current`, `${id}-previous`];
    expect(secrets.map(({ sealed }) => fresh.open(sealed, aad))).toEqual(plain);
    expect(secrets.map(({ expires_at }) => expires_at)).toEqual(webhook_id === null ? [null] : [null, 5]);
    for (const header of headers) expect(fresh.open(header.sealed, aad)).toBe("value");
  }
  expect(await reseal(parts(store))).toEqual({ moved: { tenant: 0, webhook: 0 }, unreadable: [] });
});

it("goes on with the rest after an interruption", async () => {
  const store = new Owners(new Map(["wh_1", "wh_2", "wh_3", "wh_4"].map((id) => webhook(id))));
  let batches = 0;
  store.beforeRewrite = () => {
    if (++batches === 2) throw new Error("the connection broke");
  };
  await expect(reseal(parts(store))).rejects.toThrow("broke");
  store.beforeRewrite = () => {};
  expect((await reseal(parts(store))).moved).toEqual({ tenant: 0, webhook: 2 });
  expect(store.rewritten).toBe(4);
});

it("comes back to what somebody sealed with the old key behind it", async () => {
  const store = new Owners(new Map(["wh_1", "wh_2", "wh_3", "wh_4"].map((id) => webhook(id))));
  let done = false;
  store.beforeRewrite = () => {
    if (!done && store.rewritten === 2) store.owners.set(...webhook("wh_1"));
    done ||= store.rewritten === 2;
  };
  expect((await reseal(parts(store))).moved.webhook).toBe(5);
});

it("names who has something that does not open, and moves the rest", async () => {
  const [id, lost] = webhook("wh_1");
  const stranger = createSecretBox(key("lost")).seal("?", webhookAad("ten_1", id));
  const store = new Owners(
    new Map([[id, { ...lost, headers: [{ name: "X-Key", sealed: stranger }] }], webhook("wh_2")]),
  );
  expect(await reseal(parts(store))).toEqual({ moved: { tenant: 0, webhook: 2 }, unreadable: ["wh_1"] });
  expect(store.owners.get(id)?.headers[0]?.sealed).toBe(stranger);
});

it("counts what is under other keys", () => {
  const counts: SealedCount[] = [
    { what: "secrets", kid: "new", count: 5 },
    { what: "secrets", kid: "old", count: 2 },
    { what: "outbox", kid: "older", count: 1 },
  ];
  expect(underOtherKeys(counts, "new")).toBe(3);
});
