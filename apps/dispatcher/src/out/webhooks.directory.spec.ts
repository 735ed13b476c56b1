import type { DirectoryRecord, TenantEntry, WebhookEntry } from "@waggle/contracts";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { createLogger } from "@waggle/service";
import { aWebhookEntry } from "@waggle/testing";
import { signatureHeaders } from "../deliver/signature";
import type { Webhook } from "../deliver/webhook";
import { DirectoryWebhooks } from "./webhooks.directory";

const box = createSecretBox(`k1:${Buffer.alloc(32, 1).toString("base64")}`);
const otherBox = createSecretBox(`k0:${Buffer.alloc(32, 2).toString("base64")}`);
const aad = webhookAad("ten_1", "wh_1");

class FakeTable {
  readonly webhooks = new Map<string, WebhookEntry | "deleted">();
  readonly tenants = new Map<string, TenantEntry>();
  private listener: (record: DirectoryRecord) => void = () => undefined;

  webhook(id: string) {
    const known = this.webhooks.get(id);
    return known === "deleted" ? undefined : known;
  }

  isDeletedWebhook(id: string) {
    return this.webhooks.get(id) === "deleted";
  }

  tenant(id: string) {
    return this.tenants.get(id);
  }

  minRound() {
    return 0;
  }

  onChange(listener: (record: DirectoryRecord) => void) {
    this.listener = listener;
    return () => undefined;
  }

  put(entry: WebhookEntry) {
    this.webhooks.set(entry.id, entry);
    this.listener({ kind: "webhook", id: entry.id, entry });
  }
}

function directory() {
  const table = new FakeTable();
  return { table, webhooks: new DirectoryWebhooks(table, box, createLogger("test", "silent")) };
}

const sealed = (secret: string, expires_at: number | null = null) => ({ sealed: box.seal(secret, aad), expires_at });
const entry = (overrides: Partial<WebhookEntry> = {}) =>
  aWebhookEntry({ id: "wh_1", tenant_id: "ten_1", secrets: [sealed("a-secret-of-sixteen")], ...overrides });
const tenant = (version: number, secret: string): TenantEntry => ({
  version,
  deleted: false,
  id: "ten_1",
  dialect: "buzzmark",
  secrets: [{ sealed: box.seal(secret, tenantAad("ten_1")), expires_at: null }],
});

/** How many secrets sign for a webhook, and what the first says. */
function signing(webhook: Webhook | string): string[] {
  if (typeof webhook === "string") throw new Error(webhook);
  const toSign = { dialect: "standard", deliveryId: "dlv_1", timestampS: 1, body: Buffer.from("{}") } as const;
  return (signatureHeaders(webhook.keys, toSign, 1_000)["webhook-signature"] ?? "").split(" ").filter(Boolean);
}

describe("webhooks from the directory", () => {
  it("are unknown, deleted, or have their secrets and headers open", () => {
    const { table, webhooks } = directory();
    expect(webhooks.find("wh_1")).toBe("unknown");
    table.put(entry({ headers: [{ name: "Authorization", sealed: box.seal("Bearer x", aad) }] }));
    expect(webhooks.find("wh_1")).toMatchObject({ headers: { Authorization: "Bearer x" }, keys: [{}] });
    table.webhooks.set("wh_1", "deleted");
    expect(webhooks.find("wh_1")).toBe("deleted");
  });

  it("are opened once per version", () => {
    const { table, webhooks } = directory();
    table.put(entry());
    const first = webhooks.find("wh_1");
    expect(webhooks.find("wh_1")).toBe(first);
    table.put(entry({ version: 2, secrets: [sealed("another-secret-of-mine")] }));
    expect(signing(webhooks.find("wh_1"))).not.toEqual(signing(first));
  });

  it("sign with the tenant's secret when they have none, and follow its rotation", () => {
    const { table, webhooks } = directory();
    table.put(entry({ secrets: [] }));
    expect(signing(webhooks.find("wh_1"))).toEqual([]);
    table.tenants.set("ten_1", tenant(1, "the-tenants-secret-1"));
    const first = signing(webhooks.find("wh_1"));
    expect(first).toHaveLength(1);
    table.tenants.set("ten_1", tenant(2, "the-tenants-secret-2"));
    expect(signing(webhooks.find("wh_1"))).not.toEqual(first);
  });

  it.each([
    ["a secret sealed for another webhook", { secrets: [{ sealed: box.seal("x", "ten_1|wh_2"), expires_at: null }] }],
    ["a secret under an unknown key", { secrets: [{ sealed: otherBox.seal("x", aad), expires_at: null }] }],
    ["a secret that is nonsense", { secrets: [{ sealed: "nonsense", expires_at: null }] }],
    ["a header that does not open", { headers: [{ name: "Authorization", sealed: otherBox.seal("x", aad) }] }],
  ])("have no keys, instead of failing, with %s", (_, overrides) => {
    const { table, webhooks } = directory();
    table.put(entry(overrides));
    expect(webhooks.find("wh_1")).toMatchObject({ keys: [], headers: {} });
  });

  it("sign with nothing when it is the current secret that does not open", () => {
    const { table, webhooks } = directory();
    const current = { sealed: otherBox.seal("x", aad), expires_at: null };
    table.put(entry({ secrets: [current, sealed("a-secret-of-sixteen", 2_000)] }));
    expect(signing(webhooks.find("wh_1"))).toEqual([]);
  });

  it("sign without a previous secret that no longer opens", () => {
    const { table, webhooks } = directory();
    table.put(
      entry({ secrets: [sealed("a-secret-of-sixteen"), { sealed: otherBox.seal("x", aad), expires_at: 2_000 }] }),
    );
    expect(signing(webhooks.find("wh_1"))).toHaveLength(1);
  });
});
