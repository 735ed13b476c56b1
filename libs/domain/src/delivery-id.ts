/** SHA-256 of UTF-8 text as lower-case hex. Passed in, so that the domain needs no platform. */
export type Sha256Hex = (text: string) => string;

/**
 * The id of the delivery of one event to one webhook: 128 bits of SHA-256 over the length-prefixed parts, so replaying
 * an input yields the same ids and no choice of ids can make two deliveries collide ("a"+"bc" is not "ab"+"c").
 * It holds no `.`, which Standard Webhooks uses as separator. Source: architecture "router".
 */
export function deliveryId(
  parts: { readonly tenant_id: string; readonly event_id: string; readonly webhook_id: string },
  sha256: Sha256Hex,
): string {
  const prefixed = [parts.tenant_id, parts.event_id, parts.webhook_id].map((part) => `${part.length}:${part}`).join("");
  return `dlv_${sha256(prefixed).slice(0, 32)}`;
}
