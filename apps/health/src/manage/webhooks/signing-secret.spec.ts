import { randomBytes } from "node:crypto";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import type { Tenant } from "../tenants/tenant";
import { assignSecret, currentSecret, newSharedSecret, withOwnSecrets } from "./signing-secret";
import { blankWebhook } from "./webhook-settings";

const box = createSecretBox(`k1:${randomBytes(32).toString("base64")}`);
const tenant: Tenant = {
  id: "ten_1",
  name: "Acme",
  dialect: "buzzmark",
  alert_email: null,
  secrets: [],
  created_at: 0,
  updated_at: 0,
};
const sharing: Tenant = { ...tenant, secrets: newSharedSecret(box, tenant.id) };
const webhook = blankWebhook("wh_1", tenant, 0);
const IMPORTED = "0123456789abcdef";

it("gives a webhook of its own a secret sealed for it alone", () => {
  const assigned = assignSecret({ webhook, tenant }, IMPORTED, { box, inUse: false });
  expect(assigned).toMatchObject({ secret: IMPORTED, tenant });
  const sealed = assigned.webhook.secrets[0]?.sealed ?? "";
  expect(box.open(sealed, webhookAad("ten_1", "wh_1"))).toBe(IMPORTED);
  expect(() => box.open(sealed, webhookAad("ten_1", "wh_2"))).toThrow("secret_unreadable");
});

it.each([
  ["nothing is imported", null, true, "shared"],
  ["the first brings a secret along", IMPORTED, false, "shared"],
  ["another is imported while others share", IMPORTED, true, "own"],
] as const)("where %s, it signs with the %s", (_, imported, inUse, expected) => {
  const assigned = assignSecret({ webhook, tenant: sharing }, imported, { box, inUse });
  expect(currentSecret(assigned, box)).toEqual({ secret: assigned.secret, shared: expected === "shared" });
  if (imported !== null) expect(assigned.secret).toBe(imported);
});

it("hands shared secrets over, those that still sign after a rotation too, and newest first", () => {
  const old = { sealed: box.seal("the-old-secret-0", tenantAad("ten_1")), expires_at: 1_000 };
  const ended = { ...old, expires_at: 500 };
  const rotated: Tenant = { ...sharing, secrets: [...sharing.secrets, old, ended] };
  const own = withOwnSecrets(webhook, rotated, { box, now: 500 });
  const opened = own.secrets.map(({ sealed, expires_at }) => [
    box.open(sealed, webhookAad("ten_1", "wh_1")),
    expires_at,
  ]);
  expect(opened).toEqual([
    [currentSecret({ webhook, tenant: sharing }, box).secret, null],
    ["the-old-secret-0", 1_000],
  ]);
});
