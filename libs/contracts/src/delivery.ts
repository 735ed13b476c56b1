import { DIALECTS, type Dialect, EVENT_TYPES, type EventType, type Tier } from "@waggle/domain";
import { DecodeError } from "./decode-error";
import { HeaderReader } from "./header-codec";
import { tierTopic, WEBHOOK_DELIVERIES } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

/** Which event for which webhook: what stays the same over all rounds of a delivery. Times in ms since the epoch. */
export interface DeliveryIdentity {
  readonly delivery_id: string;
  readonly event_id: string;
  readonly webhook_id: string;
  readonly tenant_id: string;
  readonly event_type: EventType;
  readonly email_id: string;
  readonly recipient: string;
  readonly tags: readonly string[];
  readonly dialect: Dialect;
  /** When ingest accepted the event; also the day whose partition holds the delivery's rows. */
  readonly accepted_at: number;
  /** Whether the publisher chose the event's id, so that it may come again on another day. */
  readonly publisher_id: boolean;
  /** A sample sent by hand: one attempt, counted nowhere. */
  readonly test: boolean;
}

/** One delivery waiting for one attempt: the value of `webhook.deliveries` and of every retry topic. */
export interface DeliveryRecord extends DeliveryIdentity {
  /** 1, 2, …: a manual re-queue starts a new round. */
  readonly round: number;
  /** The number of the attempt this record waits for, from 1 in every round. */
  readonly attempt: number;
  /** How often the delivery was parked before this attempt. */
  readonly park: number;
  /** Why it was parked last, null when it waits for its schedule. */
  readonly park_reason: ParkReason | null;
  /** Its place among its webhook's deliveries, in the words of the dispatcher that parked it; null when never parked. */
  readonly park_position: string | null;
  /** Not to be attempted earlier. */
  readonly due_at: number;
  /** When the first attempt of this round was due: its lifetime counts from here. */
  readonly first_due_at: number;
  /** The webhook version this delivery assumes; a dispatcher that has not seen it yet waits for it. */
  readonly min_webhook_version: number;
  /** The hash of the inbound address, for the header that names it. */
  readonly inbound_hash: string | null;
  readonly traceparent: string | null;
  /** The exact bytes of the POST. */
  readonly body: Buffer;
}

export const PARK_REASONS = ["circuit_open", "at_cap", "slow_lane_full", "no_secret"] as const;
/** Why a delivery waits without using up an attempt: the `reason` label of `waggle_parked_total`. */
export type ParkReason = (typeof PARK_REASONS)[number];

/**
 * A delivery as a Kafka record. `to` is the main topic, or a tier together with the partition the delivery came from:
 * a tier record never changes partition, so one dispatcher keeps all that concerns a webhook.
 */
export function encodeDelivery(
  delivery: DeliveryRecord,
  to: { readonly tier: Tier; readonly partition: number } | "main" = "main",
): WireRecord {
  const headers: Record<string, string> = {
    "delivery-id": delivery.delivery_id,
    "event-id": delivery.event_id,
    "tenant-id": delivery.tenant_id,
    "event-type": delivery.event_type,
    "email-id": delivery.email_id,
    recipient: delivery.recipient,
    dialect: delivery.dialect,
    round: String(delivery.round),
    attempt: String(delivery.attempt),
    park: String(delivery.park),
    "due-at": String(delivery.due_at),
    "accepted-at": String(delivery.accepted_at),
    "first-due-at": String(delivery.first_due_at),
    "min-webhook-version": String(delivery.min_webhook_version),
  };
  if (delivery.tags.length > 0) headers.tags = JSON.stringify(delivery.tags);
  if (delivery.park_reason !== null) headers["park-reason"] = delivery.park_reason;
  if (delivery.park_position !== null) headers["park-position"] = delivery.park_position;
  if (delivery.test) headers.test = "1";
  if (delivery.publisher_id) headers["publisher-id"] = "1";
  if (delivery.inbound_hash !== null) headers["inbound-hash"] = delivery.inbound_hash;
  if (delivery.traceparent !== null) headers.traceparent = delivery.traceparent;
  const record = { key: delivery.webhook_id, value: delivery.body, headers };
  if (to === "main") return { ...record, topic: WEBHOOK_DELIVERIES };
  return { ...record, topic: tierTopic(to.tier), partition: to.partition };
}

/** @throws DecodeError `undecodable`, naming the header that is missing or wrong */
export function decodeDelivery(record: Pick<ReceivedRecord, "key" | "value" | "headers">): DeliveryRecord {
  if (!record.key) throw new DecodeError("undecodable", "key");
  if (!record.value) throw new DecodeError("undecodable", "value");
  const headers = new HeaderReader(record.headers);
  return {
    delivery_id: headers.text("delivery-id"),
    event_id: headers.text("event-id"),
    webhook_id: record.key.toString("utf8"),
    tenant_id: headers.text("tenant-id"),
    event_type: headers.oneOf("event-type", EVENT_TYPES),
    email_id: headers.optional("email-id") ?? "",
    recipient: headers.optional("recipient") ?? "",
    tags: headers.strings("tags"),
    dialect: headers.oneOf("dialect", DIALECTS),
    accepted_at: headers.count("accepted-at"),
    publisher_id: headers.flag("publisher-id"),
    test: headers.flag("test"),
    round: headers.ordinal("round"),
    attempt: headers.ordinal("attempt"),
    park: headers.count("park"),
    park_reason: headers.optional("park-reason") === null ? null : headers.oneOf("park-reason", PARK_REASONS),
    park_position: headers.optional("park-position"),
    due_at: headers.count("due-at"),
    first_due_at: headers.count("first-due-at"),
    min_webhook_version: headers.count("min-webhook-version"),
    inbound_hash: headers.optional("inbound-hash"),
    traceparent: headers.optional("traceparent"),
    body: record.value,
  };
}
