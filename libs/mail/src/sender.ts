import addressparser from "nodemailer/lib/addressparser";
import { decodedWords } from "./header-fields";

export interface Sender {
  readonly from: string | null;
  readonly from_name: string | null;
}

/**
 * Whom a `From` field names first. It is taken apart before encoded words are decoded, so that a comma or an address
 * within somebody's name is part of the name (RFC 2047 §5).
 */
export function senderOf(value: string | null): Sender {
  const first = value === null ? undefined : addressparser(value, { flatten: true })[0];
  const name = decodedWords(first?.name ?? "");
  return { from: first?.address || null, from_name: name === "" ? null : name };
}
