import { DecodeError } from "./decode-error";
import { HeaderReader } from "./header-codec";
import { EMAIL_INBOUND } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

/** The doors mail comes in by. */
export const INBOUND_DOORS = ["smtp", "http"] as const;
export type InboundDoor = (typeof INBOUND_DOORS)[number];

/** Bytes of the largest message that is accepted at either door. Source: contract §2. */
export const MAX_MAIL_BYTES = 10 * 1_048_576;

/** One message for one inbound address as it was accepted: its envelope, and the bytes nobody has read yet. */
export interface InboundMail {
  /** `evt_` + ULID, by ingest: mail is never deduplicated. */
  readonly id: string;
  readonly tenant_id: string;
  /** Which of the tenant's inbound addresses. */
  readonly hash: string;
  /** Milliseconds since the epoch, stamped by ingest. */
  readonly accepted_at: number;
  /** The envelope's sender; null when it was the null sender, and at a door that has no envelope. */
  readonly sender: string | null;
  /** The envelope's sender was the null one: a bounce or another automatic notice (RFC 5321 §4.5.5). */
  readonly bounce: boolean;
  /** The inbound address as the envelope spells it. */
  readonly recipient: string;
  readonly door: InboundDoor;
  /** The message as it came (RFC 5322, MIME): attackers' bytes, possibly none. */
  readonly raw: Buffer;
}

/** The record of one accepted message, keyed by its inbound address. */
export function encodeInboundMail(mail: InboundMail): WireRecord {
  const headers: Record<string, string> = {
    "event-id": mail.id,
    "tenant-id": mail.tenant_id,
    "accepted-at": String(mail.accepted_at),
    recipient: mail.recipient,
    door: mail.door,
  };
  if (mail.sender !== null) headers.sender = mail.sender;
  if (mail.bounce) headers.bounce = "1";
  return { topic: EMAIL_INBOUND, key: mail.hash, value: mail.raw, headers };
}

/** @throws DecodeError `undecodable`, naming the header that is missing or wrong */
export function decodeInboundMail(record: Pick<ReceivedRecord, "key" | "value" | "headers">): InboundMail {
  const hash = record.key?.toString("utf8");
  if (!hash) throw new DecodeError("undecodable", "key");
  if (!record.value) throw new DecodeError("undecodable", "value");
  const headers = new HeaderReader(record.headers);
  return {
    id: headers.text("event-id"),
    tenant_id: headers.text("tenant-id"),
    hash,
    accepted_at: headers.count("accepted-at"),
    sender: headers.optional("sender"),
    bounce: headers.flag("bounce"),
    recipient: headers.text("recipient"),
    door: headers.oneOf("door", INBOUND_DOORS),
    raw: record.value,
  };
}
