import { fromBinary, toJson } from "@bufbuild/protobuf";
import { readMessage, writeMessage } from "./message-json";
import { messageNamed, REGISTRY } from "./schema";

const webhook = messageNamed("waggle.v1.Webhook");
const event = messageNamed("waggle.v1.Event");

test("a message is read as HTTP would have it: unset is absent, zero that was set is there", () => {
  const view = { id: "wh_1", disable_after_s: 0, timeout_ms: null, created_at: "2026-04-17T12:34:56.789Z", tags: [] };
  expect(readMessage(webhook, writeMessage(webhook, view))).toEqual({
    id: "wh_1",
    disable_after_s: 0,
    created_at: "2026-04-17T12:34:56.789Z",
  });
});

test("what a message has no field for is left out", () => {
  expect(readMessage(webhook, writeMessage(webhook, { id: "wh_1", colour: "red" }))).toEqual({ id: "wh_1" });
});

test("an event's data is told as deep as events are accepted", () => {
  let deepest: unknown = 1;
  for (let i = 0; i < 50; i++) deepest = [{ key: deepest, none: null }];
  const bytes = writeMessage(event, { data: { metadata: { deepest } } });
  const told = toJson(event, fromBinary(event, bytes, { recursionLimit: 1_000 }), { registry: REGISTRY });
  expect(told).toEqual({ data: { metadata: { deepest } } });
});

test.each(["ff", "0a05", "0a02c328"])("the bytes %s are no message", (hex) => {
  expect(() => readMessage(webhook, Buffer.from(hex, "hex"))).toThrow(
    expect.objectContaining({ code: "malformed_request" }),
  );
});
