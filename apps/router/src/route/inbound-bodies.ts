import { type InboundMail, MAX_BODY_BYTES } from "@waggle/contracts";
import { type Dialect, type InboundMessage, renderInbound, wholeSecondInstant } from "@waggle/domain";

/** What of an accepted message is shown beside what was read of it. */
export type InboundOrigin = Pick<InboundMail, "id" | "tenant_id" | "accepted_at" | "recipient">;

/** The bodies that tell receivers of a message, one per dialect. */
export function inboundBodies(
  { id, tenant_id, accepted_at, recipient }: InboundOrigin,
  message: InboundMessage,
  dialects: readonly Dialect[],
): Map<Dialect, Buffer> {
  const event = { id, tenant_id, to: recipient, created_at: wholeSecondInstant(accepted_at), message };
  const bodyIn = (dialect: Dialect) => Buffer.from(renderInbound(dialect, event, MAX_BODY_BYTES));
  return new Map(dialects.map((dialect) => [dialect, bodyIn(dialect)]));
}
