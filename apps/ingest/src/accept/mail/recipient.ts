import { domainToASCII } from "node:url";
import type { InboundAddresses } from "../ports";

/** Whom a message is for, as far as waggle is concerned. */
export interface Recipient {
  readonly hash: string;
  readonly tenant_id: string;
  /** The inbound address as the sender spelled it. */
  readonly address: string;
}

/**
 * The inbound address that a mail address names, null when it is none of ours: another domain, or no such hash. The
 * domain's case never matters (RFC 5321 §2.4), nor does the hash's where some relay has lowered it. A local part in
 * quotes is the same without (§4.1.2), and what follows a `+` (RFC 5233) is the sender's own mark.
 */
export function recipientAt(address: string, domain: string, addresses: InboundAddresses): Recipient | null {
  const at = address.lastIndexOf("@");
  if (at < 0 || sameDomain(address.slice(at + 1)) !== sameDomain(domain)) return null;
  const [hash = ""] = unquoted(address.slice(0, at)).split("+", 1);
  const entry = addresses.find(hash) ?? addresses.find(hash.toLowerCase());
  return entry === null ? null : { hash: entry.hash, tenant_id: entry.tenant_id, address };
}

function unquoted(localPart: string): string {
  const quoted = /^"(.*)"$/s.exec(localPart)?.[1];
  return quoted === undefined ? localPart : quoted.replaceAll(/\\(.)/gs, "$1");
}

/** One spelling for every domain; `domainToASCII` makes the empty string of what is none. */
function sameDomain(domain: string): string {
  return domainToASCII(domain) || domain.toLowerCase();
}
