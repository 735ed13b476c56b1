import type { InboundMessage, ParseError } from "@waggle/domain";

/** A message as it was read, ready to be kept. */
export interface ReadMail {
  readonly kept: KeptMessage;
  /** What its attachments hold, in their order. */
  readonly contents: readonly Uint8Array[];
}

/** What is kept of a message in rows: what lists show, and the whole as JSON. */
export interface KeptMessage {
  readonly from: string | null;
  readonly from_name: string | null;
  readonly subject: string | null;
  readonly attachment_count: number;
  readonly parse_error: ParseError | null;
  /** An `InboundMessage`. What text cannot hold – NUL, halves of characters – is escaped, and so comes back as it was. */
  readonly json: string;
}

export function keptMessage(message: InboundMessage): KeptMessage {
  const { from, from_name, subject, message_id, html_body, text_body, headers, attachments, parse_error } = message;
  const whole: InboundMessage = {
    from,
    from_name,
    subject,
    message_id,
    html_body,
    text_body,
    headers,
    attachments: attachments.map(({ name, content_type, content_length }) => ({ name, content_type, content_length })),
    parse_error,
  };
  return {
    from,
    from_name,
    subject,
    attachment_count: attachments.length,
    parse_error,
    json: JSON.stringify(whole),
  };
}
