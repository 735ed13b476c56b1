import { createHash } from "node:crypto";
import { encodeEmailEvent, type ReceivedRecord, type WebhookEntry, type WireRecord } from "@waggle/contracts";
import { type EmailEvent, WaggleError } from "@waggle/domain";
import { anEmailEvent, aWebhookEntry, received } from "@waggle/testing";
import { EventRouter } from "./event-router";
import type { Directory, Incoming, OutputLog, RoutingReport } from "./ports";

interface PendingWrite {
  readonly records: readonly WireRecord[];
  readonly acknowledge: () => void;
  readonly refuse: (error: Error) => void;
}

/** Holds every write until the test says what became of it. */
class HeldOutputs implements OutputLog {
  readonly writes: PendingWrite[] = [];

  write(records: readonly WireRecord[]): Promise<void> {
    return new Promise((resolve, reject) => this.writes.push({ records, acknowledge: resolve, refuse: reject }));
  }

  async acknowledgeAll(): Promise<void> {
    for (let write = this.writes.shift(); write; write = this.writes.shift()) {
      write.acknowledge();
      await settled();
    }
  }
}

class KeptReports implements RoutingReport {
  readonly lines: string[] = [];

  routed(event: EmailEvent, counts: { deliveries: number; skips: number }): void {
    this.lines.push(`${event.id} ${counts.deliveries}+${counts.skips}`);
  }

  dead(_record: ReceivedRecord, error: { code: string; field: string }): void {
    this.lines.push(`dead ${error.code} ${error.field}`);
  }

  lost(): void {
    this.lines.push("lost");
  }
}

/** Lets promise callbacks run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp({ webhooks = [aWebhookEntry()], maxBytesInFlight = 1_000_000, find = () => webhooks } = {}) {
  const output = new HeldOutputs();
  const report = new KeptReports();
  const directory: Directory = { webhooksOfTenant: find };
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const router = new EventRouter({ directory, output, report, sha256, now: () => 0, maxBytesInFlight });
  return { router, output, report };
}

function incoming(record: ReceivedRecord, owned = true): Incoming & { readonly isDone: boolean } {
  let isDone = false;
  return {
    ...record,
    owned,
    done: () => {
      isDone = true;
    },
    get isDone() {
      return isDone;
    },
  };
}

const eventRecord = (event: EmailEvent = anEmailEvent()) => incoming(received(encodeEmailEvent(event)));
const garbage = () => incoming(received({ topic: "email.events", key: "k", value: "{not json" }));
const manyWebhooks = (count: number): WebhookEntry[] =>
  Array.from({ length: count }, (_, index) => aWebhookEntry({ id: `wh_${index}` }));

describe("EventRouter", () => {
  it("is done with a record only when Kafka has all its outputs", async () => {
    const { router, output, report } = setUp();
    const record = eventRecord();
    router.accept([record]);
    await settled();
    expect(record.isDone).toBe(false);
    await output.acknowledgeAll();
    expect(record.isDone).toBe(true);
    expect(report.lines).toEqual(["evt_01HPQRS 1+0"]);
  });

  it("is done at once with an event that no webhook wants", () => {
    const { router, output, report } = setUp({ webhooks: [] });
    const record = eventRecord();
    router.accept([record]);
    expect(record.isDone).toBe(true);
    expect(output.writes).toEqual([]);
    expect(report.lines).toEqual(["evt_01HPQRS 0+0"]);
  });

  it("puts a record that nobody can decode aside and goes on behind it", async () => {
    const { router, output, report } = setUp();
    const [poison, good] = [garbage(), eventRecord()];
    router.accept([poison, good]);
    const [letter, delivery] = output.writes;
    expect(letter?.records).toMatchObject([{ topic: "dead.letters", key: poison.key, value: poison.value }]);
    expect(delivery?.records).toMatchObject([{ topic: "webhook.deliveries" }]);
    expect(poison.isDone).toBe(false);
    await output.acknowledgeAll();
    expect([poison.isDone, good.isDone]).toEqual([true, true]);
    expect(report.lines).toEqual(["dead undecodable value", "evt_01HPQRS 1+0"]);
  });

  it("puts aside a record over which routing itself fails", async () => {
    const failing = () => {
      throw new TypeError("webhooks is undefined");
    };
    const { router, output, report } = setUp({ find: failing });
    const record = eventRecord();
    router.accept([record]);
    await output.acknowledgeAll();
    expect(record.isDone).toBe(true);
    expect(report.lines).toEqual(["dead unprocessable value"]);
  });

  it("puts aside an event whose outputs Kafka refuses for their size, even when some were written", async () => {
    const { router, output, report } = setUp({ webhooks: manyWebhooks(2_500), maxBytesInFlight: 1 });
    const record = eventRecord();
    router.accept([record]);
    output.writes.shift()?.acknowledge();
    await settled();
    output.writes.shift()?.refuse(new WaggleError("record_too_large", "refused"));
    await settled();
    expect(output.writes.map((write) => write.records)).toMatchObject([[{ topic: "dead.letters" }]]);
    expect(record.isDone).toBe(false);
    await output.acknowledgeAll();
    expect(record.isDone).toBe(true);
    expect(report.lines).toEqual(["dead unprocessable outputs"]);
  });

  it("gives up a record that not even the dead letters take, or its partition would stand still", async () => {
    const { router, output, report } = setUp();
    const poison = garbage();
    router.accept([poison]);
    output.writes.shift()?.refuse(new WaggleError("record_too_large", "refused"));
    await settled();
    expect(poison.isDone).toBe(true);
    expect(output.writes).toEqual([]);
    expect(report.lines).toEqual(["lost"]);
  });

  it("leaves a record undone when its write ended unknown, for whoever takes over", async () => {
    const { router, output, report } = setUp();
    const record = eventRecord();
    router.accept([record]);
    output.writes.shift()?.refuse(new WaggleError("kafka_unavailable", "the producer was closed"));
    await settled();
    expect(record.isDone).toBe(false);
    expect(output.writes).toEqual([]);
    expect(report.lines).toEqual([]);
  });

  it("does not begin a record that another member has by now", () => {
    const { router, output } = setUp();
    router.accept([incoming(received(encodeEmailEvent(anEmailEvent())), false)]);
    expect(output.writes).toEqual([]);
  });

  it("hands on the traceparent header of the event's record", () => {
    const { router, output } = setUp();
    const record = received({ ...encodeEmailEvent(anEmailEvent()), headers: { traceparent: "00-ab-cd-01" } });
    router.accept([incoming(record)]);
    expect(output.writes[0]?.records).toMatchObject([{ headers: { traceparent: "00-ab-cd-01" } }]);
  });

  it("routes further events only as fast as Kafka takes their outputs", async () => {
    const { router, output } = setUp({ maxBytesInFlight: 2_500 });
    const records = Array.from({ length: 9 }, (_, index) => eventRecord(anEmailEvent({ id: `evt_${index}` })));
    router.accept(records);
    expect(output.writes).toHaveLength(3);
    output.writes.shift()?.acknowledge();
    await settled();
    expect(output.writes).toHaveLength(3);
    await output.acknowledgeAll();
    expect(records.every((record) => record.isDone)).toBe(true);
  });

  it("cuts a large fan-out into writes and is done after the last", async () => {
    const { router, output } = setUp({ webhooks: manyWebhooks(2_500), maxBytesInFlight: 1 });
    const record = eventRecord();
    router.accept([record]);
    const written: number[] = [];
    for (let write = output.writes.shift(); write; write = output.writes.shift()) {
      expect(record.isDone).toBe(false);
      written.push(write.records.length);
      write.acknowledge();
      await settled();
    }
    expect(written).toEqual([1_000, 1_000, 500]);
    expect(record.isDone).toBe(true);
  });

  it("drains what it has begun and leaves the rest", async () => {
    const { router, output } = setUp({ maxBytesInFlight: 1 });
    const [begun, waiting] = [eventRecord(), eventRecord()];
    router.accept([begun, waiting]);
    const drained = jest.fn();
    const draining = router.drain().then(drained);
    await settled();
    expect(drained).not.toHaveBeenCalled();
    await output.acknowledgeAll();
    await draining;
    expect([begun.isDone, waiting.isDone]).toEqual([true, false]);
  });

  it("has nothing to drain when nothing is begun", async () => {
    await expect(setUp().router.drain()).resolves.toBeUndefined();
  });
});
