import type { InboundDoor, InboundMail } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { InboundAddresses, MailLog } from "../ports";
import { type Recipient, recipientAt } from "./recipient";
import { TRANSACTION_LIMITS } from "./transaction-limits";

export interface MailAcceptorOptions {
  readonly addresses: InboundAddresses;
  readonly log: MailLog;
  /** What stands behind the @ of inbound addresses. */
  readonly domain: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newEventId: (now: number) => string;
}

/** How a message came. */
export interface Envelope {
  readonly door: InboundDoor;
  /** Null at a door without envelopes; empty is the null sender, of bounces. */
  readonly sender: string | null;
  readonly recipients: readonly Recipient[];
  /** The API key it came with; null at a door without keys. */
  readonly keyId: string | null;
}

/** Takes mail in: who it is for, and one record for each of them. What it says is read by others, later. */
export class MailAcceptor {
  constructor(private readonly options: MailAcceptorOptions) {}

  /** The tenant's own inbound address with this hash, null when there is none. */
  addressOf(tenantId: string, hash: string): Recipient | null {
    const entry = this.options.addresses.find(hash);
    if (entry?.tenant_id !== tenantId) return null;
    return { hash, tenant_id: tenantId, address: `${hash}@${this.options.domain}` };
  }

  /** The inbound address that `RCPT TO` names, null when it is none of ours. */
  recipientAt(address: string): Recipient | null {
    return recipientAt(address, this.options.domain, this.options.addresses);
  }

  /**
   * Resolves to the ids of the events, one for each recipient, once all of them are on Kafka.
   * @throws WaggleError `payload_too_large` when it is too large for so many (nothing was written), and as
   *   `MailLog.append` (unknown whether it was)
   */
  async accept({ door, sender, recipients, keyId }: Envelope, raw: Buffer): Promise<string[]> {
    if (raw.length * recipients.length > TRANSACTION_LIMITS.bytes) {
      throw new WaggleError(
        "payload_too_large",
        `a message of ${raw.length} bytes is too large for so many recipients`,
      );
    }
    const { log, now, newEventId } = this.options;
    const acceptedAt = now();
    const mails = recipients.map(
      ({ hash, tenant_id, address }): InboundMail => ({
        id: newEventId(acceptedAt),
        tenant_id,
        hash,
        accepted_at: acceptedAt,
        sender: sender === "" ? null : sender,
        bounce: sender === "",
        recipient: address,
        door,
        raw,
      }),
    );
    await log.append(mails, keyId);
    return mails.map(({ id }) => id);
  }
}
