import { DEAD_LETTERS, encodeDelivery, TIER_TOPICS, WEBHOOK_DELIVERIES, type WireRecord } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { createLogger } from "@waggle/service";
import { received } from "@waggle/testing";
import { aDelivery } from "../deliver/delivery-engine.fake";
import type { Job } from "../deliver/job";
import { DeliveryIntake, type IncomingRecord } from "./delivery-intake";

const now = 1_800_000_000_000;
const MINUTE = 60_000;

interface FakeRecord extends IncomingRecord {
  owned: boolean;
  timesDone: number;
}

/** An intake between an engine and tiers that only remember what they get. */
function anIntake() {
  const submitted: Job[] = [];
  const dropped: ReadonlySet<number>[] = [];
  const held: { record: IncomingRecord; dueAt: number }[] = [];
  const deadLetters: WireRecord[] = [];
  const dead: string[] = [];
  const state = { now, hasRoom: true, refusal: null as Error | null };
  const intake = new DeliveryIntake({
    engine: { submit: (job) => submitted.push(job), dropPartitions: (partitions) => dropped.push(partitions) },
    tiers: {
      hold(record, dueAt) {
        if (state.hasRoom) held.push({ record, dueAt });
        return state.hasRoom;
      },
      drop: () => undefined,
    },
    deadLetters: async (record) => {
      if (state.refusal) throw state.refusal;
      deadLetters.push(record);
    },
    onDeadLetter: (reason) => dead.push(reason),
    logger: createLogger("test", "silent"),
    now: () => state.now,
  });
  return { intake, submitted, dropped, held, deadLetters, dead, state };
}

let offset = 0;

function aRecord(
  overrides: Parameters<typeof aDelivery>[0] = {},
  { topic = WEBHOOK_DELIVERIES, partition = 3 }: { topic?: string | undefined; partition?: number } = {},
): FakeRecord {
  const delivery = aDelivery({ due_at: now, accepted_at: now, first_due_at: now, ...overrides });
  const record = { ...received({ ...encodeDelivery(delivery), topic }, { partition, offset: offset++ }) };
  return withState(record);
}

function withState(record: ReturnType<typeof received>): FakeRecord {
  const done = () => {
    state.timesDone += 1;
  };
  const state = { ...record, bytes: 1_234, owned: true, timesDone: 0, done };
  return state;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("the intake of deliveries", () => {
  it("hands over what is due, with its partition, its size, and whose it is", () => {
    const { intake, submitted } = anIntake();
    const record = aRecord();
    intake.take(record);
    expect(submitted).toMatchObject([{ partition: 3, bytes: 1_234, owned: true, delivery: { delivery_id: "dlv_1" } }]);
    record.owned = false;
    expect(submitted[0]?.owned).toBe(false);
    submitted[0]?.done();
    expect(record.timesDone).toBe(1);
  });

  it("keeps what is not due until it is, never a millisecond less", () => {
    const { intake, submitted, held } = anIntake();
    const record = aRecord({ due_at: now + 1 }, { topic: TIER_TOPICS[0] });
    intake.take(record);
    expect(submitted).toEqual([]);
    expect(held).toEqual([{ record, dueAt: now + 1 }]);
    intake.due(record);
    expect(submitted).toHaveLength(1);
  });

  it.each([WEBHOOK_DELIVERIES, ...TIER_TOPICS])("finishes a second copy of a step at once, also on %s", (topic) => {
    const { intake, submitted } = anIntake();
    intake.take(aRecord());
    const copy = aRecord({}, { topic });
    intake.take(copy);
    expect(submitted).toHaveLength(1);
    expect(copy.timesDone).toBe(1);
  });

  it("takes no further step of a round that ended here, but one that ended elsewhere is not known to have", () => {
    const { intake, submitted } = anIntake();
    const [ours, lost] = [aRecord(), aRecord({ delivery_id: "dlv_2" })];
    intake.take(ours);
    intake.take(lost);
    lost.owned = false;
    for (const job of submitted) job.end();
    const late = aRecord({ attempt: 2 });
    intake.take(late);
    intake.take(aRecord({ delivery_id: "dlv_2", attempt: 2 }));
    expect(submitted).toHaveLength(3);
    expect(late.timesDone).toBe(1);
  });

  it("finishes what was held when a copy of the step before it has ended the round meanwhile", () => {
    const { intake, submitted, held } = anIntake();
    const retry = aRecord({ attempt: 2, due_at: now + 1_000 });
    intake.take(aRecord());
    intake.take(retry);
    expect(held).toHaveLength(1);
    submitted[0]?.end();
    intake.due(retry);
    expect(submitted).toHaveLength(1);
    expect(retry.timesDone).toBe(1);
  });

  it("counts what is held as taken", () => {
    const { intake, held } = anIntake();
    const [record, copy] = [aRecord({ due_at: now + 1_000 }), aRecord({ due_at: now + 1_000 })];
    intake.take(record);
    intake.take(copy);
    expect(held).toHaveLength(1);
    expect([record.timesDone, copy.timesDone]).toEqual([0, 1]);
  });

  it("takes the next attempt, park or round of a delivery for another step", () => {
    const { intake, submitted } = anIntake();
    for (const step of [{}, { park: 1 }, { attempt: 2 }, { round: 2 }, { delivery_id: "dlv_2" }]) {
      intake.take(aRecord(step));
    }
    expect(submitted).toHaveLength(5);
  });

  it("remembers steps for an hour at least", () => {
    const { intake, submitted, state } = anIntake();
    for (const [minutes, id] of [
      [0, "dlv_1"],
      [50, "dlv_2"],
      [59, "dlv_1"],
      [109, "dlv_2"],
    ] as const) {
      state.now = now + minutes * MINUTE;
      intake.take(aRecord({ delivery_id: id }));
    }
    expect(submitted).toHaveLength(2);
  });

  it("forgets a step that the tiers had no room for, and takes it when it comes again", () => {
    const { intake, held, state } = anIntake();
    state.hasRoom = false;
    const step = { due_at: now + 1_000 };
    intake.take(aRecord(step));
    state.hasRoom = true;
    const again = aRecord(step);
    intake.take(again);
    expect(held).toMatchObject([{ dueAt: now + 1_000 }]);
    expect(again.timesDone).toBe(0);
  });

  it("takes nothing that is no longer its own, and remembers nothing of it", () => {
    const { intake, submitted } = anIntake();
    const lost = aRecord();
    lost.owned = false;
    intake.take(lost);
    expect(submitted).toEqual([]);
    intake.take(aRecord());
    expect(submitted).toHaveLength(1);
  });

  it("forgets the steps of partitions that it loses, and only theirs", () => {
    const { intake, submitted, dropped } = anIntake();
    intake.take(aRecord({ delivery_id: "dlv_1" }, { partition: 3 }));
    intake.take(aRecord({ delivery_id: "dlv_2" }, { partition: 4 }));
    intake.lost([{ topic: WEBHOOK_DELIVERIES, partition: 3 }]);
    expect(dropped).toEqual([new Set([3])]);
    intake.take(aRecord({ delivery_id: "dlv_1" }, { partition: 3 }));
    intake.take(aRecord({ delivery_id: "dlv_2" }, { partition: 4 }));
    expect(submitted).toHaveLength(3);
  });
});

describe("a record that is no delivery", () => {
  const poison = () =>
    withState(
      received({ topic: WEBHOOK_DELIVERIES, key: "wh_1", value: "x", headers: { round: "1" } }, { partition: 3 }),
    );

  it("goes to the dead letters, and is done when they have it", async () => {
    const { intake, submitted, deadLetters, dead } = anIntake();
    const record = poison();
    intake.take(record);
    expect(record.timesDone).toBe(0);
    await settled();
    expect(deadLetters).toMatchObject([
      { topic: DEAD_LETTERS, value: Buffer.from("x"), headers: { code: "undecodable", field: "header delivery-id" } },
    ]);
    expect(dead).toEqual(["undecodable"]);
    expect(record.timesDone).toBe(1);
    expect(submitted).toEqual([]);
  });

  it("stays open while it cannot be written, unless they refuse it for good", async () => {
    const { intake, state } = anIntake();
    state.refusal = new WaggleError("kafka_unavailable", "the producer was closed");
    const unwritten = poison();
    intake.take(unwritten);
    await settled();
    expect(unwritten.timesDone).toBe(0);
    state.refusal = new WaggleError("record_too_large", "refused");
    const refused = poison();
    intake.take(refused);
    await settled();
    expect(refused.timesDone).toBe(1);
  });
});
