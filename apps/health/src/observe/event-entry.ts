import { decodeEmailEvent, type ReceivedRecord } from "@waggle/contracts";
import type { EventType } from "@waggle/domain";
import { storableText } from "./storable-text";

/** What an event is found by. */
export interface EventIdentity {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly event_type: EventType;
  readonly email_id: string;
  readonly tags: readonly string[];
  readonly accepted_at: number;
}

/** An accepted event: what one record of `email.events` adds to the log. */
export interface EventEntry {
  readonly identity: EventIdentity;
  /** The record's value. Being JSON it holds nothing that text cannot: NUL and halves of characters are escaped. */
  readonly body: string;
}

/** @throws DecodeError `undecodable` when the record is no accepted event */
export function eventEntry(record: Pick<ReceivedRecord, "value">): EventEntry {
  const { id, tenant_id, type, accepted_at, data } = decodeEmailEvent(record);
  return {
    identity: {
      event_id: id,
      tenant_id,
      event_type: type,
      email_id: storableText(data.email_id),
      tags: data.tags.map(storableText),
      accepted_at,
    },
    body: record.value?.toString("utf8") ?? "",
  };
}
