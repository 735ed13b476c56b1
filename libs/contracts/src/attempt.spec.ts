import {
  ATTEMPT_ERRORS,
  DELIVERY_STATUSES,
  DIALECTS,
  EVENT_TYPES,
  EXHAUSTED_REASONS,
  SKIPPED_REASONS,
} from "@waggle/domain";
import fc from "fast-check";
import { type AttemptRecord, CIRCUIT_STATES, decodeAttempt, encodeAttempt, endId } from "./attempt";

const text = fc.string({ unit: "binary" });
const id = fc.string({ minLength: 1, maxLength: 64 });
const moment = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const headers = fc.dictionary(fc.oneof(fc.constant("__proto__"), fc.string()), text);

const attempts: fc.Arbitrary<AttemptRecord> = fc.record({
  delivery_id: id,
  event_id: id,
  webhook_id: id,
  tenant_id: id,
  event_type: fc.constantFrom(...EVENT_TYPES),
  email_id: text,
  recipient: text,
  tags: fc.array(text),
  dialect: fc.constantFrom(...DIALECTS),
  accepted_at: moment,
  publisher_id: fc.boolean(),
  test: fc.boolean(),
  try_id: id,
  round: fc.integer({ min: 1 }),
  recorded_at: moment,
  webhook_version: moment,
  circuit: fc.constantFrom(null, ...CIRCUIT_STATES),
  try: fc.option(
    fc.record({
      number: fc.integer({ min: 1 }),
      at: moment,
      duration_ms: fc.double({ min: 0, max: 30_000, noNaN: true }),
      status_code: fc.option(fc.integer({ min: 100, max: 599 }), { nil: null }),
      error: fc.option(fc.constantFrom(...ATTEMPT_ERRORS), { nil: null }),
      request_headers: headers,
      response_headers: headers,
      response_body: fc.option(text, { nil: null }),
      response_truncated: fc.boolean(),
    }),
    { nil: null },
  ),
  state: fc.record({
    status: fc.constantFrom(...DELIVERY_STATUSES),
    reason: fc.constantFrom(null, ...EXHAUSTED_REASONS, ...SKIPPED_REASONS),
    next_attempt_at: fc.option(moment, { nil: null }),
  }),
});

const [sample] = fc.sample(attempts, { numRuns: 1, seed: 1 });
if (!sample) throw new Error("no sample was drawn");
const attempt: AttemptRecord = sample;

describe("attempt records", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(attempts, (sent) => {
        const received = decodeAttempt({ value: Buffer.from(encodeAttempt(sent).value ?? "") });
        expect(JSON.stringify(received)).toBe(JSON.stringify(sent));
      }),
    );
  });

  it("are keyed by webhook, so that one webhook's tries are folded in order", () => {
    expect(encodeAttempt(attempt)).toMatchObject({ topic: "webhook.attempts", key: attempt.webhook_id });
  });

  it.each([
    ["try_id", { try_id: "" }],
    ["round", { round: 0 }],
    ["event_type", { event_type: "opened" }],
    ["state.status", { state: { ...attempt.state, status: "done" } }],
    ["try", { try: undefined }],
    ["try.number", { try: {} }],
  ])("with a wrong %s are undecodable, and the error names it", (field, wrong) => {
    const value = Buffer.from(JSON.stringify({ ...attempt, ...wrong }));
    expect(() => decodeAttempt({ value })).toThrow(expect.objectContaining({ code: "undecodable", field }));
  });

  it.each([null, Buffer.from(""), Buffer.from("[1")])("that are no JSON are undecodable: %j", (value) => {
    expect(() => decodeAttempt({ value })).toThrow(expect.objectContaining({ code: "undecodable", field: "value" }));
  });
});

describe("endId", () => {
  it("is the same on every replay, and another for another round or reason", () => {
    const end = { delivery_id: "dlv_1", round: 1, reason: "webhook_disabled" };
    expect(endId(end)).toBe("end_dlv_1_1_webhook_disabled");
    expect(endId({ ...end, round: 2 })).not.toBe(endId(end));
    expect(endId({ ...end, reason: "webhook_deleted" })).not.toBe(endId(end));
  });
});
