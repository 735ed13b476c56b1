import type { AttemptRecord } from "@waggle/contracts";
import type { Caller } from "../manage/caller";
import { anAttemptRecord } from "./an-attempt-record.fake";
import { LiveAttempts } from "./live-attempts";
import { AttemptFeed, type OnAttempt, WebhookOwners } from "./ports";
import type { Watch } from "./watch";

const one: Caller = { kind: "api_key", key_id: "key_1", tenant_id: "ten_1", scopes: ["manage"] };
const two: Caller = { kind: "api_key", key_id: "key_2", tenant_id: "ten_2", scopes: ["manage"] };
const operator: Caller = { kind: "operator" };

class Owners extends WebhookOwners {
  async tenantOf(webhookId: string): Promise<string | null> {
    return { wh_1: "ten_1", wh_2: "ten_2" }[webhookId] ?? null;
  }
}

/** A feed in hand: `ready` says how its starts end. */
class Feed extends AttemptFeed {
  readonly open = new Set<OnAttempt>();
  follows = 0;
  reads = 0;

  constructor(private readonly ready: () => Promise<void>) {
    super();
  }

  follow(onAttempt: OnAttempt) {
    this.follows += 1;
    this.open.add(onAttempt);
    const stop = async () => {
      this.open.delete(onAttempt);
    };
    return { ready: this.ready(), stop };
  }

  record(record: Partial<AttemptRecord>): void {
    const whole = anAttemptRecord(record);
    const read = () => {
      this.reads += 1;
      return whole;
    };
    for (const onAttempt of this.open) onAttempt(whole.webhook_id, read);
  }
}

function setUp(ready: () => Promise<void> = async () => undefined) {
  const feed = new Feed(ready);
  return { feed, live: new LiveAttempts({ feed, owners: new Owners(), lingerMs: 30_000, readyLimitMs: 5_000 }) };
}

async function tries(watch: Watch): Promise<string[]> {
  return (await watch.next(0)).flatMap((it) => (it.kind === "attempt" ? [it.attempt.try_id] : []));
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("everybody sees the attempts of their own, and the operator whatever he asks for", async () => {
  const { feed, live } = setUp();
  const watches = [
    await live.watch(one, {}),
    await live.watch(two, {}),
    await live.watch(one, { webhook_id: "wh_1" }),
    await live.watch(operator, {}),
    await live.watch(operator, { tenant_id: "ten_2" }),
    await live.watch(operator, { webhook_id: "wh_2" }),
  ];
  feed.record({ try_id: "a", webhook_id: "wh_1", tenant_id: "ten_1" });
  feed.record({ try_id: "b", webhook_id: "wh_other", tenant_id: "ten_1" });
  feed.record({ try_id: "c", webhook_id: "wh_2", tenant_id: "ten_2" });
  const seen = await Promise.all(watches.map(tries));
  expect(seen).toEqual([["a", "b"], ["c"], ["a"], ["a", "b", "c"], ["c"], ["c"]]);
});

test("another tenant's webhook is as unknown as one that never was", async () => {
  const { live, feed } = setUp();
  for (const query of [{ webhook_id: "wh_2" }, { webhook_id: "wh_never" }, { tenant_id: "ten_2" }]) {
    await expect(live.watch(one, query)).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(live.watch(operator, { tenant_id: "ten_1", webhook_id: "wh_2" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(live.watch({ ...one, scopes: ["publish"] }, {})).rejects.toMatchObject({ code: "insufficient_scope" });
  await expect(live.watch(one, { since: "now" })).rejects.toMatchObject({ code: "validation_failed" });
  expect(feed.follows).toBe(0);
});

test("records that nobody watches are not even read", async () => {
  const { live, feed } = setUp();
  const watch = await live.watch(one, { webhook_id: "wh_1" });
  feed.record({ webhook_id: "wh_2", tenant_id: "ten_2" });
  expect(feed.reads).toBe(0);
  feed.record({ webhook_id: "wh_1" });
  expect(await tries(watch)).toHaveLength(1);
});

test("the feed is followed while somebody watches, and a little longer", async () => {
  const { live, feed } = setUp();
  const [first, second] = [await live.watch(one, {}), await live.watch(two, {})];
  first.end("left");
  await jest.advanceTimersByTimeAsync(60_000);
  expect(feed.open.size).toBe(1);
  second.end("left");
  await jest.advanceTimersByTimeAsync(29_000);
  const third = await live.watch(one, {});
  await jest.advanceTimersByTimeAsync(60_000);
  expect([feed.open.size, feed.follows]).toEqual([1, 1]);
  third.end("left");
  await jest.advanceTimersByTimeAsync(30_000);
  expect(feed.open.size).toBe(0);
  await live.watch(one, {});
  expect([feed.open.size, feed.follows]).toEqual([1, 2]);
});

test("who cannot be sure to miss nothing is told to come again", async () => {
  const { live, feed } = setUp(() => new Promise(() => {}));
  const watching = live.watch(one, {});
  watching.catch(() => undefined);
  await jest.advanceTimersByTimeAsync(5_000);
  await expect(watching).rejects.toMatchObject({ code: "kafka_unavailable" });
  await jest.advanceTimersByTimeAsync(30_000);
  expect(feed.open.size).toBe(0);
});

test("a feed that fails to start is started anew for the next", async () => {
  let failing = true;
  const { live, feed } = setUp(async () => {
    if (failing) throw new Error("no topic");
  });
  await expect(live.watch(one, {})).rejects.toThrow("no topic");
  failing = false;
  await live.watch(one, {});
  expect(feed.follows).toBe(2);
});

test("only so many watch at once", async () => {
  const { live } = setUp();
  const watches = await Promise.all(Array.from({ length: 200 }, () => live.watch(operator, {})));
  await expect(live.watch(operator, {})).rejects.toMatchObject({ code: "rate_limited" });
  watches[0]?.end("left");
  await expect(live.watch(operator, {})).resolves.toMatchObject({ ended: null });
});

test("one tenant cannot take the places of another", async () => {
  const { live } = setUp();
  const watches = await Promise.all(Array.from({ length: 20 }, () => live.watch(one, {})));
  await expect(live.watch(one, {})).rejects.toMatchObject({ code: "rate_limited" });
  await expect(live.watch(two, {})).resolves.toMatchObject({ ended: null });
  watches[0]?.end("left");
  await expect(live.watch(one, {})).resolves.toMatchObject({ ended: null });
});

test("a stop ends every watch and lets nobody in", async () => {
  const { live, feed } = setUp();
  const watches = [await live.watch(one, {}), await live.watch(two, {})];
  await live.stop();
  expect(watches.map(({ ended }) => ended)).toEqual(["stopping", "stopping"]);
  expect(feed.open.size).toBe(0);
  await expect(live.watch(one, {})).rejects.toMatchObject({ code: "not_ready" });
});
