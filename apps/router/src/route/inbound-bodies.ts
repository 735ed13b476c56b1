import { type InboundMail, MAX_BODY_BYTES } from "@waggle/contracts";
import { type Dialect, type InboundMessage, inboundAddress, renderInbound, wholeSecondInstant } from "@waggle/domain";

/** What of an accepted message is shown beside what was read of it. */
export type InboundOrigin = Pick<InboundMail, "id" | "tenant_id" | "accepted_at" | "hash" | "recipient">;

/** The bodies that tell receivers of a message, one per dialect. */
export function inboundBodies(
  origin: InboundOrigin,
  message: InboundMessage,
  dialects: readonly Dialect[],
): Map<Dialect, Buffer> {
  const { id, tenant_id, accepted_at } = origin;
  const event = { id, tenant_id, to: inboundAddress(origin), created_at: wholeSecondInstant(accepted_at), message };
  const bodyIn = (dialect: Dialect) => Buffer.from(renderInbound(dialect, event, MAX_BODY_BYTES));
  return new Map(dialects.map((dialect) => [dialect, bodyIn(dialect)]));
}
