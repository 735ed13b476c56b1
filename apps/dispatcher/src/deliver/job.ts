import type { DeliveryRecord } from "@waggle/contracts";

/** A delivery that is due, and the record it came in. */
export interface Job {
  readonly delivery: DeliveryRecord;
  /** The partition it came from: whatever follows stays in it. */
  readonly partition: number;
  /** Bytes it holds in memory. */
  readonly bytes: number;
  /** False when the partition went to another member, who will do this again. */
  readonly owned: boolean;
  /** Says that its delivery's round is over: no step follows this one. */
  end(): void;
  /** Says that all that follows from it is acknowledged. */
  done(): void;
}
