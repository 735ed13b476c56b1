import { eventually, type TenantClient } from "@waggle/testing";
import { z } from "zod";

const PATIENCE_MS = 90_000;

const failedFetch = z.object({ cause: z.object({ code: z.string() }) });

export interface PublisherOptions {
  readonly tenant: TenantClient;
  /** Event i has the tag w<i mod webhooks>, and so goes to one of as many webhooks. */
  readonly webhooks: number;
  /** Events a request. */
  readonly batch?: number;
}

/** A publisher that does as the contract says: what had no answer, or a 503, it sends again with the same ids. */
export class Publisher {
  /** How many events were answered 202. */
  accepted = 0;
  /** Every other answer there was: a status, or the code of the system for a connection that failed. */
  readonly refusals = new Set<string>();
  private next = 0;

  constructor(private readonly options: PublisherOptions) {}

  /** Publishes so many more events, one request after another. Resolves when all are accepted. */
  async publish(events: number): Promise<void> {
    const { tenant, batch = 100 } = this.options;
    const end = this.next + events;
    while (this.next < end) {
      const chunk = Array.from({ length: Math.min(batch, end - this.next) }, () => this.event(this.next++));
      await eventually("events to be accepted", () => this.isAccepted(tenant, chunk), PATIENCE_MS);
      this.accepted += chunk.length;
    }
  }

  private async isAccepted(tenant: TenantClient, events: readonly object[]): Promise<boolean> {
    const answer = await tenant.publish({ events }).then(({ status }) => String(status), codeOf);
    if (answer !== "202") this.refusals.add(answer);
    return answer === "202";
  }

  private event(index: number): object {
    const tags = [`w${index % this.options.webhooks}`];
    return { id: `evt_${index}`, type: "delivery", data: { email_id: `m${index}`, to: "a@b.c", tags } };
  }
}

/** Why `fetch` got no answer. (Its errors are of another realm than Jest's, where `instanceof` knows none of them.) */
function codeOf(error: unknown): string {
  const parsed = failedFetch.safeParse(error);
  return parsed.success ? parsed.data.cause.code : String(error);
}
