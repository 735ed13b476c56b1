import { DIALECTS, DISABLED_REASONS, EVENT_TYPES, WEBHOOK_STATUSES } from "@waggle/domain";
import fc from "fast-check";
import { type DirectoryRecord, decodeDirectoryRecord, encodeDirectoryRecord } from "./directory";
import type { WireRecord } from "./wire-record";

const text = fc.string({ unit: "binary" });
const id = fc.string({ minLength: 1, unit: fc.constantFrom(..."aZ09_-/") });
const version = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const moment = version;
const live = { version, deleted: fc.constant(false as const) };
const secrets = fc.array(fc.record({ sealed: text, expires_at: fc.option(moment, { nil: null }) }));
const dialect = fc.constantFrom(...DIALECTS);
const limit = fc.option(fc.nat(), { nil: null });

const deleted = fc.record({ version, deleted: fc.constant(true as const), deleted_at: moment });
const webhook = fc.record({
  ...live,
  id,
  tenant_id: id,
  url: text,
  event_types: fc.array(fc.constantFrom(...EVENT_TYPES)),
  tags: fc.array(text),
  dialect,
  status: fc.constantFrom(...WEBHOOK_STATUSES),
  disabled_reason: fc.constantFrom(null, ...DISABLED_REASONS),
  created_at: moment,
  secrets,
  headers: fc.array(fc.record({ name: text, sealed: text })),
  timeout_ms: limit,
  max_in_flight: limit,
  max_per_second: limit,
  retry_delays_s: fc.option(fc.array(fc.nat()), { nil: null }),
});
const tenant = fc.record({ ...live, id, dialect, secrets });
const apiKey = fc.record({
  ...live,
  id,
  tenant_id: id,
  scopes: fc.array(fc.constantFrom("publish" as const, "manage" as const)),
  expires_at: limit,
});
const inbound = fc.record({ ...live, hash: id, tenant_id: id });
const round = fc.record({ ...live, id, min_round: fc.nat() });

function recordOf<Kind extends DirectoryRecord["kind"], Entry>(kind: Kind, entry: fc.Arbitrary<Entry>) {
  return fc.record({ kind: fc.constant(kind), id, entry: fc.oneof(entry, deleted, fc.constant(null)) });
}

const records: fc.Arbitrary<DirectoryRecord> = fc.oneof(
  recordOf("webhook", webhook),
  recordOf("tenant", tenant),
  recordOf("api-key", apiKey),
  recordOf("inbound", inbound),
  recordOf("delivery", round),
);

function received({ key, value }: WireRecord) {
  return { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) };
}

const entryAt = (key: string, entry: unknown) => ({ key: Buffer.from(key), value: Buffer.from(JSON.stringify(entry)) });

describe("directory records", () => {
  it("come back as they went, tombstones and ids with slashes too", () => {
    fc.assert(
      fc.property(records, (sent) => {
        expect(decodeDirectoryRecord(received(encodeDirectoryRecord(sent)))).toEqual(sent);
      }),
    );
  });

  it("are keyed by kind and id, so that compaction keeps the current state of each thing", () => {
    expect(encodeDirectoryRecord({ kind: "webhook", id: "wh_1", entry: null })).toEqual({
      topic: "webhook.directory",
      key: "webhook/wh_1",
      value: null,
    });
  });

  it.each(["", "webhook", "webhook/", "/wh_1", "webhooks/wh_1", "toString/wh_1", "__proto__/wh_1"])(
    "with the key %j are undecodable",
    (key) => {
      expect(() => decodeDirectoryRecord({ key: Buffer.from(key), value: null })).toThrow(
        expect.objectContaining({ code: "undecodable", field: "key" }),
      );
    },
  );

  it("without a key are undecodable", () => {
    expect(() => decodeDirectoryRecord({ key: null, value: null })).toThrow(expect.objectContaining({ field: "key" }));
  });

  it.each([
    ["value", "webhook/wh_1", null],
    ["deleted", "webhook/wh_1", { version: 1 }],
    ["version", "inbound/h", { deleted: false, hash: "h", tenant_id: "ten_1" }],
    ["version", "inbound/h", { version: -1, deleted: false, hash: "h", tenant_id: "ten_1" }],
    ["deleted_at", "tenant/ten_1", { version: 1, deleted: true }],
    ["min_round", "delivery/dlv_1", { version: 1, deleted: false, id: "dlv_1", min_round: "2" }],
  ])("with a wrong %s are undecodable, and the error names it", (field, key, entry) => {
    expect(() => decodeDirectoryRecord(entryAt(key, entry))).toThrow(
      expect.objectContaining({ code: "undecodable", field }),
    );
  });

  it("with an entry of another kind are undecodable", () => {
    const entry = { version: 1, deleted: false, hash: "h", tenant_id: "ten_1" };
    expect(() => decodeDirectoryRecord(entryAt("webhook/h", entry))).toThrow(
      expect.objectContaining({ code: "undecodable" }),
    );
  });
});
