import type { AttemptRecord, DeliveryRecord, ParkReason, WebhookEntry } from "@waggle/contracts";
import type { AttemptResult } from "@waggle/domain";
import type { AttemptEnd } from "./attempt-record";
import type { NextDelivery } from "./next-delivery";
import type { Webhook } from "./webhook";

/** What the data plane knows of webhooks. `unknown`: never heard of, which may only mean not yet. */
export abstract class Webhooks {
  abstract find(webhookId: string): Webhook | "deleted" | "unknown";
  /** Rounds below this are superseded. */
  abstract minRound(deliveryId: string): number;
}

/** One HTTP request, complete: the body is sent byte for byte. */
export interface OutgoingRequest {
  /** Whose it is: no two tenants share a connection. */
  readonly tenantId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

/** What came back. Header names in lower case; the body is what is kept of it for people to see. */
export interface SendResult {
  readonly result: AttemptResult;
  readonly response_headers: Readonly<Record<string, string>>;
  readonly response_body: string | null;
  readonly response_truncated: boolean;
}

/** Makes HTTP requests. Never rejects: whatever goes wrong is a result. */
export abstract class Sender {
  abstract send(request: OutgoingRequest): Promise<SendResult>;
}

/** Where what became of deliveries is written. Resolves when Kafka acknowledged all of it. */
export abstract class DeliveryLog {
  abstract write(output: { readonly attempt: AttemptRecord | null; readonly next: NextDelivery | null }): Promise<void>;
}

/** Whether this process may begin attempts: not when the group has given its partitions to others. */
export abstract class Membership {
  abstract isMember(now: number): boolean;

  /** Whether what this process owns is still kept for it, also while it is about to hand some of it over. */
  abstract isKept(now: number): boolean;
}

/** What operators want counted. Tests are not. */
export abstract class DispatchMeter {
  abstract attempted(delivery: DeliveryRecord, entry: WebhookEntry, end: AttemptEnd): void;
  abstract parked(reason: ParkReason): void;
}
