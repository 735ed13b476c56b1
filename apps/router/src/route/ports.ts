import type { DecodeError, InboundMail, ReceivedRecord, WebhookEntry, WireRecord } from "@waggle/contracts";
import type { Dialect } from "@waggle/domain";

/** A record that was handed over to be routed. */
export interface Incoming extends ReceivedRecord {
  /** False once another member of the group has it: whatever is not begun is left to that one. */
  readonly owned: boolean;
  /** To be called when every output of the record is acknowledged; its offset may be committed then. */
  done(): void;
}

/** What is known of webhooks now. */
export abstract class Directory {
  /** The webhooks a tenant has, disabled ones included, deleted ones not. The same object as long as it is unchanged. */
  abstract webhooksOfTenant(tenantId: string): readonly WebhookEntry[];
}

/** Where deliveries, skips and dead letters go. */
export abstract class OutputLog {
  /**
   * Resolves when every in-sync replica has all the records.
   * @throws WaggleError `record_too_large` (never written, however often it is tried) or `kafka_unavailable` (stopping)
   */
  abstract write(records: readonly WireRecord[]): Promise<void>;
}

/** Reads messages and renders the bodies that tell of them, without holding up anything else. */
export abstract class InboundRenderer {
  /**
   * The body in each of the dialects, of whatever could be read of the message in the time it may take.
   * Rejects only when the process is stopping.
   */
  abstract render(mail: InboundMail, dialects: readonly Dialect[]): Promise<ReadonlyMap<Dialect, Buffer>>;
}

/** What became of records, for those who watch. Each is told once, when all its outputs are acknowledged. */
export abstract class RoutingReport {
  abstract routed(event: RoutedEvent, counts: RouteCounts): void;
  /** A record that nobody can route and that is a dead letter now. */
  abstract dead(record: ReceivedRecord, error: DecodeError): void;
  /** A record that not even `dead.letters` takes. */
  abstract lost(record: ReceivedRecord): void;
}

/** An event or a message, by its ids. */
export interface RoutedEvent {
  readonly id: string;
  readonly tenant_id: string;
}

export interface RouteCounts {
  /** Webhooks that get the event. */
  readonly deliveries: number;
  /** Webhooks that match it, but are disabled. */
  readonly skips: number;
}
