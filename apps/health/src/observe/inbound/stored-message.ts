import type { InboundDoor } from "@waggle/contracts";
import type { InboundMessage, ParseError } from "@waggle/domain";

/** A message that came in, as lists show it. `accepted_at` in milliseconds since the epoch. */
export interface MessageSummary {
  readonly id: string;
  readonly tenant_id: string;
  /** Of the inbound address, which may be gone. */
  readonly hash: string;
  /** The inbound address. */
  readonly to: string;
  /** Null for the null sender, and at a door without an envelope. */
  readonly envelope_sender: string | null;
  readonly bounce: boolean;
  readonly door: InboundDoor;
  readonly accepted_at: number;
  readonly from: string | null;
  readonly from_name: string | null;
  readonly subject: string | null;
  /** Bytes of the source. */
  readonly size: number;
  readonly attachment_count: number;
  readonly parse_error: ParseError | null;
}

/** All that was read of it. */
export interface StoredMessage extends MessageSummary {
  readonly message: InboundMessage;
}

/** A place in a list of messages, which runs from the newest to the oldest. */
export interface MessagePosition {
  readonly accepted_at: number;
  readonly id: string;
}
