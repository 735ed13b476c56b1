import { aDelivery, aWebhook, FakeWebhooks } from "./delivery-engine.fake";
import { standingOf } from "./standing";
import type { Webhook } from "./webhook";

const fresh = { goneVersion: null, waitedEnough: false };

function standing(
  known: Webhook | "deleted" | null,
  delivery: Parameters<typeof aDelivery>[0] = {},
  context: Parameters<typeof standingOf>[2] = fresh,
) {
  const webhooks = new FakeWebhooks();
  if (known) webhooks.known.set("wh_1", known);
  webhooks.minRounds.set("dlv_requeued", 2);
  return standingOf(aDelivery(delivery), webhooks, context);
}

describe("a delivery that is due", () => {
  it("is sent to its webhook as it is now", () => {
    const webhook = aWebhook({ version: 9 });
    expect(standing(webhook, { min_webhook_version: 4 })).toEqual({ kind: "send", webhook });
  });

  it("is skipped when the webhook is disabled or deleted, with the version that says so", () => {
    const disabled = aWebhook({ status: "disabled", version: 7 });
    expect(standing(disabled)).toEqual({ kind: "skip", reason: "webhook_disabled", version: 7 });
    expect(standing("deleted")).toEqual({ kind: "skip", reason: "webhook_deleted", version: 0 });
  });

  it("waits for the directory while that is behind, also when it knows no such webhook", () => {
    expect(standing(aWebhook({ version: 3 }), { min_webhook_version: 4 })).toEqual({ kind: "await_directory" });
    expect(standing(aWebhook({ version: 3, status: "disabled" }), { min_webhook_version: 4 })).toEqual({
      kind: "await_directory",
    });
    expect(standing(null, { min_webhook_version: 1 })).toEqual({ kind: "await_directory" });
  });

  it("is judged by what the directory has once it waited long enough", () => {
    const webhook = aWebhook({ version: 3 });
    const waited = { ...fresh, waitedEnough: true };
    expect(standing(webhook, { min_webhook_version: 4 }, waited)).toEqual({ kind: "send", webhook });
    expect(standing(null, {}, waited)).toEqual({ kind: "skip", reason: "webhook_deleted", version: 0 });
  });

  it("does not wait for the directory when the webhook is deleted, which is final", () => {
    expect(standing("deleted", { min_webhook_version: 99 })).toMatchObject({ kind: "skip" });
  });

  it("is skipped after a 410 until the directory has a newer version", () => {
    const gone = { ...fresh, goneVersion: 5 };
    expect(standing(aWebhook({ version: 5 }), {}, gone)).toMatchObject({ kind: "skip", reason: "webhook_disabled" });
    expect(standing(aWebhook({ version: 6 }), {}, gone)).toMatchObject({ kind: "send" });
  });

  it("is dropped when a re-queue started a newer round", () => {
    expect(standing(aWebhook(), { delivery_id: "dlv_requeued", round: 1 })).toEqual({ kind: "superseded" });
    expect(standing(aWebhook(), { delivery_id: "dlv_requeued", round: 2 })).toMatchObject({ kind: "send" });
    expect(standing("deleted", { delivery_id: "dlv_requeued", round: 1 })).toEqual({ kind: "superseded" });
  });

  it("is not sent without a secret to sign with; a disabled webhook comes before that", () => {
    const webhook = { ...aWebhook(), keys: [] };
    expect(standing(webhook)).toEqual({ kind: "no_secret", webhook });
    expect(standing({ ...aWebhook({ status: "disabled" }), keys: [] })).toMatchObject({ kind: "skip" });
  });

  it("is sent to a disabled or gone webhook when it is a test, but not to a deleted one", () => {
    expect(standing(aWebhook({ status: "disabled" }), { test: true })).toMatchObject({ kind: "send" });
    expect(standing(aWebhook(), { test: true }, { ...fresh, goneVersion: 9 })).toMatchObject({ kind: "send" });
    expect(standing("deleted", { test: true })).toMatchObject({ kind: "skip", reason: "webhook_deleted" });
  });
});
