import { randomUUID } from "node:crypto";
import { anEventOf, identityOf } from "../explain/asking";
import type { Asked, RunningHealth } from "../manage/running-health";
import { aDelivery, aFailedAttempt, anAttempt, anEnd } from "../observe/records";
import { type MailStores, storeMail } from "./store-mail";

/** A tenant with one of everything there is. */
export interface PopulatedTenant {
  readonly id: string;
  /** Of scope manage. */
  readonly key: string;
  /** Of scope publish. */
  readonly publisher: string;
  /** Ids, addresses and tags of its things: what another tenant could name. */
  readonly words: readonly string[];
  /** What nobody else may be told: no answer without it holds anything of this tenant. */
  readonly marks: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** What publishers choose, two of them may choose alike. */
export const SHARED = { event_id: "evt_chosen_by_two", email_id: "msg_chosen_by_two" } as const;

export async function populatedTenant(health: RunningHealth, stores: MailStores): Promise<PopulatedTenant> {
  const { log } = stores;
  const mark = `mark${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const tenant = await health.tenant({ name: mark, alert_email: `${mark}@acme.com` });
  const make = (path: string, asked: Asked = {}) => health.expect(201, "POST", path, { token: tenant.key, ...asked });
  const change = (method: string, path: string, body?: object) =>
    health.expect(200, method, path, { token: tenant.key, ...(body ? { body } : {}) });

  const publisher = await health.key(tenant.id, ["publish"]);
  const key = await make("/v1/api-keys", { body: { name: mark, scopes: ["publish"] } });
  const settings = {
    url: `https://${mark}.acme.com/`,
    events: ["*"],
    tags: [`${mark}-tag`],
    description: mark,
    headers: { [`X-${mark}`]: mark },
  };
  const once = { headers: { "idempotency-key": `${mark}-once` } };
  const webhook = await make("/v1/webhooks", { body: settings, ...once });
  const disabled = await make("/v1/webhooks", { body: settings });
  await change("PATCH", `/v1/webhooks/${webhook.id}`, { description: `${mark} again` });
  await change("POST", `/v1/webhooks/${disabled.id}/disable`);

  const data = { email_id: `${mark}-email`, to: `${mark}@customers.com`, subject: mark, tags: [`${mark}-tag`] };
  const event = anEventOf(tenant.id, { publisher_id: true, data });
  const later = anEventOf(tenant.id, { publisher_id: true, data });
  const shared = { id: SHARED.event_id, publisher_id: true, data: { ...data, email_id: SHARED.email_id } };
  const alike = anEventOf(tenant.id, shared);
  const delivery = identityOf(event, String(webhook.id));
  const skipped = identityOf(later, String(disabled.id));
  const body = Buffer.from(JSON.stringify({ subject: mark }));
  const answered = { response_body: mark, response_headers: { "x-mark": mark } };
  await log.events(event, later, alike);
  await log.deliveries(
    aDelivery(delivery, { body }),
    aDelivery(skipped, { body }),
    aDelivery(identityOf(alike, String(webhook.id)), { body }),
  );
  await log.attempts(
    aFailedAttempt(delivery, 1),
    anAttempt(delivery, { try: { number: 2, ...answered } }),
    anEnd(skipped),
  );
  const since = new Date(event.accepted_at - 3_600_000).toISOString();
  const recovery = await health.expect(202, "POST", `/v1/webhooks/${webhook.id}/recover`, {
    token: tenant.key,
    body: { since },
  });
  const address = await make("/v1/inbound-addresses", { body: { name: mark } });
  const mail = await storeMail(stores, { tenant_id: tenant.id, hash: String(address.hash), mark });
  const audited = await newest(health, "/v1/audit-log", tenant.key);
  const told = await newest(health, `/v1/webhooks/${webhook.id}/history`, tenant.key);
  const { etag } = await health.expect(200, "GET", `/v1/webhooks/${webhook.id}`, { token: tenant.key });

  const ids = [tenant, key, webhook, disabled, event, later, recovery, audited, told, mail].map(({ id }) => String(id));
  const words = [
    ...ids,
    String(address.hash),
    mail.sender,
    delivery.delivery_id,
    skipped.delivery_id,
    data.email_id,
    data.to,
    `${mark}-tag`,
  ];
  return {
    id: tenant.id,
    key: tenant.key,
    publisher,
    words,
    marks: [...words, mark, String(webhook.secret)],
    headers: { "If-Match": String(etag), "If-None-Match": String(etag), "Idempotency-Key": `${mark}-once` },
  };
}

async function newest(health: RunningHealth, path: string, token: string): Promise<Record<string, unknown>> {
  const { items } = await health.expect(200, "GET", path, { token });
  const [item] = Array.isArray(items) ? items : [];
  return item;
}
