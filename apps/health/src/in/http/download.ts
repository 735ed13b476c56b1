import type { FastifyReply } from "fastify";
import type { Download } from "../../observe/inbound/messages";

/** What browsers would run or render with the rights of this origin, should they be made to show it. */
const ACTIVE = /html|xml|svg|script|xsl|flash|mhtml/;

/** A stranger's bytes: to be saved under a name, not to be looked at here. */
export function sendDownload(reply: FastifyReply, { content, bytes, content_type, file_name }: Download): FastifyReply {
  return reply
    .headers({
      "content-type": ACTIVE.test(content_type) ? "application/octet-stream" : content_type,
      "content-length": bytes,
      "content-disposition": attachmentNamed(file_name),
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "private, no-store",
    })
    .send(content);
}

/**
 * `Content-Disposition: attachment` under a name of any characters (RFC 6266): in ASCII for old clients, and as RFC 8187
 * has it for all others. What folders, drives and terminals take for more than a name is replaced.
 */
export function attachmentNamed(name: string): string {
  const safe = name.replace(/[\p{Cc}\p{Cf}\p{Cs}"\\/:*?<>|]+/gu, "_").replace(/^\.+/, "_");
  const ascii = safe.replace(/[^\x20-\x7e]/gu, "_").replaceAll("%", "_");
  const encoded = encodeURIComponent(safe).replace(/['()!~]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
