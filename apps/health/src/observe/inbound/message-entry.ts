import { DecodeError, decodeInboundMail, type InboundMail, type ReceivedRecord } from "@waggle/contracts";
import { inboundAddress, wholeSecondInstant } from "@waggle/domain";
import type { EventEntry } from "../event-entry";
import { storableText } from "../storable-text";
import type { KeptMessage } from "./kept-message";

/** A message that came in: what one record of `email.inbound` adds to the log. */
export interface MessageEntry extends EventEntry {
  readonly hash: string;
  readonly recipient: string;
  readonly envelope_sender: string | null;
  readonly bounce: boolean;
  readonly door: InboundMail["door"];
  readonly bytes: number;
  readonly message: KeptMessage;
  /** What it is found by when people ask for a sender. */
  readonly senders: readonly string[];
}

/** Ids name folders. Ours hold nothing else, but a topic may. */
const EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws DecodeError `undecodable` when the record is no accepted message */
export function acceptedMail(record: Pick<ReceivedRecord, "key" | "value" | "headers">): InboundMail {
  const mail = decodeInboundMail(record);
  if (!EVENT_ID.test(mail.id)) throw new DecodeError("undecodable", "header event-id");
  return mail;
}

/** What a message is stored as: a message, and an event like those that are published. */
export function messageEntry(mail: InboundMail, message: KeptMessage): MessageEntry {
  const { id, tenant_id, hash, accepted_at, sender, bounce, door, raw } = mail;
  const from = textOrNull(message.from);
  const envelope_sender = textOrNull(sender);
  const recipient = storableText(inboundAddress(mail));
  return {
    identity: { event_id: id, tenant_id, event_type: "inbound", email_id: "", tags: [], accepted_at },
    body: JSON.stringify({
      id,
      publisher_id: false,
      tenant_id,
      type: "inbound",
      created_at: wholeSecondInstant(accepted_at),
      accepted_at,
      data: {
        email_id: "",
        to: inboundAddress(mail),
        ...(message.from === null ? {} : { from: message.from }),
        ...(message.subject === null ? {} : { subject: message.subject }),
        tags: [],
        metadata: {},
      },
    }),
    hash,
    recipient,
    envelope_sender,
    bounce,
    door,
    bytes: raw.length,
    message: { ...message, from, from_name: textOrNull(message.from_name), subject: textOrNull(message.subject) },
    senders: [...new Set([from, envelope_sender].flatMap((address) => (address === null ? [] : [senderKey(address)])))],
  };
}

/** Longer addresses than RFC 5321 §4.5.3.1 allows are found by their beginning: an index entry has to hold it. */
const SENDER_LENGTH = 320;

/** How a sender's address is looked for: whatever its case. */
export function senderKey(address: string): string {
  return [...storableText(address).toLowerCase()].slice(0, SENDER_LENGTH).join("");
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}
