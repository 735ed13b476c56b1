/** Why a message could only be read in part: the value of `ParseError`, `parse_error`. Listed in `docs/payloads.md`. */
export const PARSE_ERRORS = [
  "headers_too_large",
  "nested_too_deep",
  "too_many_parts",
  "unknown_charset",
  "unreadable",
  "took_too_long",
] as const;
export type ParseError = (typeof PARSE_ERRORS)[number];

export interface HeaderField {
  readonly name: string;
  /** Unfolded, and decoded as RFC 2047 says. */
  readonly value: string;
}

/** An attachment without its content, which no POST holds. */
export interface AttachmentInfo {
  readonly name: string | null;
  /** `type/subtype` in lower case, without parameters. */
  readonly content_type: string;
  /** Bytes once decoded. */
  readonly content_length: number;
}

/** What could be read of one message that came in. All of it is a stranger's text. */
export interface InboundMessage {
  /** The address of the first `From`; null when there is none. */
  readonly from: string | null;
  readonly from_name: string | null;
  readonly subject: string | null;
  /** With its angle brackets, as it was sent. */
  readonly message_id: string | null;
  /** The inline HTML parts; null when there is none. */
  readonly html_body: string | null;
  /** The inline plain parts; null when there is none. */
  readonly text_body: string | null;
  /** In the order of the message, repeated ones too. */
  readonly headers: readonly HeaderField[];
  readonly attachments: readonly AttachmentInfo[];
  readonly parse_error: ParseError | null;
}

/** Of a message of which nothing could be read. */
export const UNREADABLE_MESSAGE: InboundMessage = {
  from: null,
  from_name: null,
  subject: null,
  message_id: null,
  html_body: null,
  text_body: null,
  headers: [],
  attachments: [],
  parse_error: "unreadable",
};

/** The inbound address a hash makes, in the domain of the address that mail came to, its case folded. */
export function inboundAddress({ hash, recipient }: { readonly hash: string; readonly recipient: string }): string {
  return `${hash}${recipient.slice(recipient.lastIndexOf("@")).toLowerCase()}`;
}

/** The hash of an inbound address. */
export function inboundHashOf(address: string): string {
  return address.slice(0, address.lastIndexOf("@"));
}

/** One message for one inbound address, as receivers are told of it. */
export interface InboundEvent {
  readonly id: string;
  readonly tenant_id: string;
  /** The inbound address. */
  readonly to: string;
  /** UTC with `Z`, in whole seconds: when it was accepted. */
  readonly created_at: string;
  readonly message: InboundMessage;
}
