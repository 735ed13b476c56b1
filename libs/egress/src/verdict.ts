/**
 * Why an address, name, port or URL is refused. Closed: an API answers 422 with `detail`, nobody reads it.
 * `address_not_allowed`, `name_not_allowed` and `port_not_allowed` are judged at both gates, the rest only when a
 * webhook is written, where the URL is still a string.
 */
export type RefusalReason =
  | "url_too_long"
  | "control_character"
  | "backslash"
  | "fragment_with_at"
  | "wrong_form"
  | "user_info"
  | "unparsable"
  | "http_not_allowed"
  | "name_malformed"
  | "name_not_allowed"
  | "address_not_allowed"
  | "port_not_allowed";

/** `detail` is one sentence for the person who wrote the webhook; it never names an address that was resolved. */
export interface Refusal {
  readonly allowed: false;
  readonly reason: RefusalReason;
  readonly detail: string;
}

export type Verdict = { readonly allowed: true } | Refusal;

export const ALLOWED: Verdict = { allowed: true };

export function refuse(reason: RefusalReason, detail: string): Refusal {
  return { allowed: false, reason, detail };
}
