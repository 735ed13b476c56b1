import { newId } from "@waggle/secrets";
import { blobKey } from "../../../apps/health/src/observe/inbound/blob-key";
import { keptMessage } from "../../../apps/health/src/observe/inbound/kept-message";
import { messageEntry } from "../../../apps/health/src/observe/inbound/message-entry";
import type { Blobs } from "../../../apps/health/src/observe/inbound/ports";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import type { OpenLog } from "../observe/open-log";

export interface MailStores {
  readonly log: OpenLog;
  readonly blobs: Pick<Blobs, "put">;
}

/** A message with an attachment that came in for an address. */
export async function storeMail(
  { log: { log }, blobs }: MailStores,
  to: { readonly tenant_id: string; readonly hash: string; readonly mark: string },
): Promise<{ readonly id: string; readonly sender: string }> {
  const { tenant_id, hash, mark } = to;
  const accepted_at = Date.now() - 1_000;
  const sender = `${mark}@senders.com`;
  const mail = {
    id: newId("evt", accepted_at),
    tenant_id,
    hash,
    accepted_at,
    sender,
    bounce: false,
    recipient: `${hash}@in.localhost`,
    door: "smtp",
    raw: Buffer.from(`Subject: ${mark}\r\n\r\n${mark}`),
  } as const;
  const read = keptMessage({
    message_id: null,
    from: sender,
    from_name: mark,
    subject: mark,
    html_body: null,
    text_body: mark,
    headers: [{ name: "Subject", value: mark }],
    attachments: [{ name: mark, content_type: "text/plain", content_length: mark.length }],
    parse_error: null,
  });
  await blobs.put(blobKey(mail, "raw"), mail.raw);
  await blobs.put(blobKey(mail, 0), Buffer.from(mark));
  await log.makeDays([dayOf(accepted_at)]);
  await log.transaction((transaction) => transaction.insertMessages([messageEntry(mail, read)]));
  return { id: mail.id, sender };
}
