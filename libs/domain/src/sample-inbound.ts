import type { InboundEvent } from "./inbound";
import { wholeSecondInstant } from "./instant";

/** The hash of an inbound address nobody has, for samples. */
const SAMPLE_HASH = "sample";

/**
 * A message that never came, for trying a receiver: complete, and of addresses nobody has (RFC 2606).
 * `now` in milliseconds since the epoch.
 */
export function sampleInbound({
  id,
  tenant_id,
  now,
}: {
  readonly id: string;
  readonly tenant_id: string;
  readonly now: number;
}): InboundEvent & { readonly hash: string } {
  const to = `${SAMPLE_HASH}@in.example.com`;
  const message_id = `<${id}@example.net>`;
  return {
    id,
    tenant_id,
    hash: SAMPLE_HASH,
    to,
    created_at: wholeSecondInstant(now),
    message: {
      from: "customer@example.net",
      from_name: "A Customer",
      subject: "A sample message",
      message_id,
      html_body: "<p>Hello, this is a sample.</p>",
      text_body: "Hello, this is a sample.",
      headers: [
        { name: "From", value: "A Customer <customer@example.net>" },
        { name: "To", value: to },
        { name: "Subject", value: "A sample message" },
        { name: "Message-Id", value: message_id },
      ],
      attachments: [{ name: "sample.pdf", content_type: "application/pdf", content_length: 1_234 }],
      parse_error: null,
    },
  };
}
