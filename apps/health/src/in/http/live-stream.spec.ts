import { PassThrough } from "node:stream";
import { anAttemptRecord } from "../../live/an-attempt-record.fake";
import { liveAttempt } from "../../live/live-attempt";
import { Watch } from "../../live/watch";
import { streamLive } from "./live-stream";

const HEARTBEAT = ": heartbeat\n\n";

function setUp({ isAllowed = async () => true, highWaterMark = 65_536 } = {}) {
  const watch = new Watch(() => {});
  const to = new PassThrough({ highWaterMark });
  const streaming = streamLive(watch, to, { heartbeatMs: 15_000, isAllowed, now: Date.now });
  return { watch, to, streaming, read: () => String(to.read() ?? "") };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("an attempt goes out as an event with its id, and an end without a try as another one", async () => {
  const { watch, read } = setUp();
  watch.push(liveAttempt(anAttemptRecord()));
  const skipped = { status: "skipped", reason: "webhook_disabled", next_attempt_at: null } as const;
  watch.push(liveAttempt(anAttemptRecord({ try_id: "end_1", try: null, circuit: null, state: skipped })));
  await jest.advanceTimersByTimeAsync(0);
  const [, first = "", second = ""] = read().split("\n\n");
  expect(first.split("\n").slice(0, 2)).toEqual(["event: attempt", "id: try_1"]);
  expect(JSON.parse(first.split("\n")[2]?.replace(/^data: /, "") ?? "")).toEqual({
    delivery_id: "dlv_1",
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    event_id: "evt_1",
    event_type: "bounce",
    email_id: "msg_1",
    recipient: "customer@example.com",
    tags: ["vip"],
    test: false,
    round: 1,
    number: 1,
    at: "1970-01-01T00:00:02.000Z",
    status_code: 200,
    error: null,
    duration_ms: 25,
    status: "delivered",
    reason: null,
    next_attempt_at: null,
    circuit: "closed",
  });
  expect(second).toMatch(/^event: end\nid: end_1\n/);
  expect(JSON.parse(second.split("\n")[2]?.replace(/^data: /, "") ?? "")).toMatchObject({
    number: null,
    at: "1970-01-01T00:00:02.025Z",
    status: "skipped",
    reason: "webhook_disabled",
  });
  watch.end("left");
});

test("a heartbeat says at once that the stream is open, and then that it still is", async () => {
  const { watch, read } = setUp();
  await jest.advanceTimersByTimeAsync(0);
  expect(read()).toBe(HEARTBEAT);
  await jest.advanceTimersByTimeAsync(30_000);
  expect(read()).toBe(HEARTBEAT + HEARTBEAT);
  watch.end("left");
});

test("nothing is written to who does not read, and what was dropped meanwhile is said", async () => {
  const { watch, to, read } = setUp({ highWaterMark: 1_000 });
  const push = (count: number) => {
    for (let i = 0; i < count; i++) watch.push(liveAttempt(anAttemptRecord()));
  };
  push(10);
  await jest.advanceTimersByTimeAsync(0);
  const held = to.readableLength + to.writableLength;
  push(1_200);
  await jest.advanceTimersByTimeAsync(45_000);
  expect(to.readableLength + to.writableLength).toBe(held);
  let text = "";
  while (!text.includes("event: dropped")) {
    const more = read();
    if (more === "") await jest.advanceTimersByTimeAsync(1);
    text += more;
  }
  expect(text.match(/event: attempt/g)).toHaveLength(1_010);
  expect(text).toContain('event: dropped\ndata: {"count":200}\n\n');
  watch.end("left");
});

test("who may no longer watch is told so within 5 s, also while much happens", async () => {
  let allowed = true;
  const { watch, to, streaming, read } = setUp({ isAllowed: async () => allowed });
  let text = "";
  const busy = setInterval(() => {
    watch.push(liveAttempt(anAttemptRecord()));
    text += read();
  }, 1_000);
  await jest.advanceTimersByTimeAsync(40_000);
  expect(watch.ended).toBeNull();
  allowed = false;
  await jest.advanceTimersByTimeAsync(5_000);
  clearInterval(busy);
  await streaming;
  expect(text + read()).toContain('event: closed\ndata: {"reason":"unauthorized"}\n\n');
  expect(to.writableEnded).toBe(true);
});

test("who may no longer watch is told so within 5 s, also while nothing happens, and not by heartbeats", async () => {
  let allowed = true;
  const { streaming, read } = setUp({ isAllowed: async () => allowed });
  await jest.advanceTimersByTimeAsync(9_000);
  expect(read()).toBe(HEARTBEAT);
  allowed = false;
  await jest.advanceTimersByTimeAsync(5_000);
  await streaming;
  expect(read()).toBe('event: closed\ndata: {"reason":"unauthorized"}\n\n');
});

test("who stops reading is given up after a while, and takes up no place any more", async () => {
  const { watch, to, streaming } = setUp({ highWaterMark: 10 });
  await jest.advanceTimersByTimeAsync(0);
  watch.push(liveAttempt(anAttemptRecord()));
  await jest.advanceTimersByTimeAsync(59_000);
  expect(watch.ended).toBeNull();
  await jest.advanceTimersByTimeAsync(16_000);
  await streaming;
  expect(watch.ended).toBe("left");
  expect(to.destroyed).toBe(true);
});

test("a connection that broke before the stream began ends the watch", async () => {
  const watch = new Watch(() => {});
  const to = new PassThrough();
  to.destroy();
  await jest.advanceTimersByTimeAsync(0);
  await streamLive(watch, to, { heartbeatMs: 15_000, isAllowed: async () => true, now: Date.now });
  expect(watch.ended).toBe("left");
});

test("a connection that breaks ends the watch; a stop ends one that is not read", async () => {
  const broken = setUp();
  broken.to.destroy();
  await broken.streaming;
  expect(broken.watch.ended).toBe("left");

  const blocked = setUp({ highWaterMark: 10 });
  blocked.watch.push(liveAttempt(anAttemptRecord()));
  await jest.advanceTimersByTimeAsync(0);
  blocked.watch.end("stopping");
  await blocked.streaming;
  expect(blocked.to.destroyed).toBe(true);
});
