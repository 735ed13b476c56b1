import { createKafka } from "./connection";

const RequestQueue = require("kafkajs/src/network/requestQueue");

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function idleQueue() {
  const nothing = () => undefined;
  return new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: "test",
    broker: "test",
    logger: { debug: nothing, warn: nothing },
  });
}

describe("the request queue patch", () => {
  afterEach(() => jest.useRealTimers());

  it("is needed: kafkajs arms a timer again and again on an idle connection", () => {
    jest.useFakeTimers();
    const queue = idleQueue();
    queue.scheduleCheckPendingRequests();
    jest.advanceTimersByTime(100);
    expect(jest.getTimerCount()).toBe(1);
    queue.destroy();
  });

  it("lets an idle connection rest, and goes on where the broker had throttled us", () => {
    createKafka({ brokers: ["127.0.0.1:1"], ssl: false, sasl: null, clientId: "test", logger: silent });
    jest.useFakeTimers();
    const queue = idleQueue();
    queue.scheduleCheckPendingRequests();
    expect(jest.getTimerCount()).toBe(0);
    queue.maybeThrottle(50);
    const sent: string[] = [];
    queue.push({
      entry: { correlationId: 1 },
      expectResponse: true,
      sendRequest: () => sent.push("request"),
    });
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(60);
    expect(sent).toEqual(["request"]);
    queue.destroy();
  });
});
