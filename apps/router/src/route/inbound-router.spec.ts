import { createHash } from "node:crypto";
import { encodeInboundMail, type InboundMail, type WireRecord } from "@waggle/contracts";
import type { Dialect } from "@waggle/domain";
import { aWebhookEntry, received } from "@waggle/testing";
import { InboundRouter } from "./inbound-router";
import type { Incoming } from "./ports";

const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const written: WireRecord[] = [];
  const lines: string[] = [];
  const rendering: { readonly mail: InboundMail; readonly end: () => void; readonly fail: () => void }[] = [];
  const router = new InboundRouter({
    directory: { webhooksOfTenant: () => [aWebhookEntry({ event_types: ["inbound"], created_at: 0 })] },
    output: {
      write: async (records) => {
        written.push(...records);
      },
    },
    report: {
      routed: ({ id }, { deliveries }) => lines.push(`${id} ${deliveries}`),
      dead: (_record, { code, field }) => lines.push(`dead ${code} ${field}`),
      lost: () => lines.push("lost"),
    },
    renderer: {
      render: (mail, dialects) =>
        new Promise((resolve, reject) => {
          const bodies = new Map<Dialect, Buffer>(dialects.map((dialect) => [dialect, Buffer.from("{}")]));
          rendering.push({ mail, end: () => resolve(bodies), fail: () => reject(new Error("stopping")) });
        }),
    },
    maxRendering: 3,
    maxRenderingPerTenant: 2,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    now: () => 0,
  });
  return { router, written, lines, rendering };
}

function incoming(id: string, { owned = true, door = "smtp", tenant_id = "ten_1" } = {}) {
  const mail = { id, tenant_id, hash: "h", accepted_at: 5, sender: null, bounce: false, recipient: "h@in" };
  const record = encodeInboundMail({ ...mail, door: "smtp", raw: Buffer.from("x") });
  const done = jest.fn();
  const given: Incoming = { ...received({ ...record, headers: { ...record.headers, door } }), owned, done };
  return { given, done };
}

describe("InboundRouter", () => {
  it("reads a few messages at a time and goes on as they end, in whatever order", async () => {
    const { router, rendering, lines } = setUp();
    router.accept(["evt_1", "evt_2", "evt_3"].map((id) => incoming(id).given));
    expect(rendering.map(({ mail }) => mail.id)).toEqual(["evt_1", "evt_2"]);
    rendering[1]?.end();
    await settled();
    expect(lines).toEqual(["evt_2 1"]);
    expect(rendering.map(({ mail }) => mail.id)).toEqual(["evt_1", "evt_2", "evt_3"]);
  });

  it("does not let the slow messages of one tenant stop another's", async () => {
    const { router, rendering } = setUp();
    router.accept(["evt_1", "evt_2", "evt_3"].map((id) => incoming(id).given));
    router.accept(["evt_4", "evt_5"].map((id) => incoming(id, { tenant_id: "ten_2" }).given));
    const begun = () => rendering.map(({ mail }) => mail.id);
    expect(begun()).toEqual(["evt_1", "evt_2", "evt_4"]);
    rendering[2]?.end();
    await settled();
    expect(begun()).toEqual(["evt_1", "evt_2", "evt_4", "evt_5"]);
    rendering[0]?.end();
    await settled();
    expect(begun()).toEqual(["evt_1", "evt_2", "evt_4", "evt_5", "evt_3"]);
  });

  it("writes the same deliveries for a record that comes twice", async () => {
    const { router, rendering, written } = setUp();
    router.accept([incoming("evt_1").given, incoming("evt_1").given]);
    for (const { end } of rendering) end();
    await settled();
    expect(written).toHaveLength(2);
    expect(written[1]).toEqual(written[0]);
  });

  it("is done with a message when its deliveries are written", async () => {
    const { router, rendering, written } = setUp();
    const { given, done } = incoming("evt_1");
    router.accept([given]);
    await settled();
    expect(done).not.toHaveBeenCalled();
    rendering[0]?.end();
    await settled();
    expect(written).toMatchObject([{ topic: "webhook.deliveries", headers: { "inbound-hash": "h" } }]);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it("makes a record that nobody can decode a dead letter", async () => {
    const { router, written, lines } = setUp();
    const { given, done } = incoming("evt_1", { door: "window" });
    router.accept([given]);
    await settled();
    expect(written).toMatchObject([{ topic: "dead.letters" }]);
    expect(lines).toEqual(["dead undecodable header door"]);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it("does not begin what another member has by now", () => {
    const { router, rendering } = setUp();
    router.accept([incoming("evt_1", { owned: false }).given]);
    expect(rendering).toEqual([]);
  });

  it.each(["end", "fail"] as const)("leaves undone what is still being read when it stops: %s", async (how) => {
    const { router, rendering, written } = setUp();
    const { given, done } = incoming("evt_1");
    router.accept([given]);
    await router.drain();
    rendering[0]?.[how]();
    await settled();
    expect(written).toEqual([]);
    expect(done).not.toHaveBeenCalled();
  });
});
