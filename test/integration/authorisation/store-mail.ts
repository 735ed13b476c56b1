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

export interface StoredMail {
  readonly tenant_id: string;
  readonly hash: string;
  /** What the message holds wherever nothing else is said. */
  readonly mark: string;
  readonly raw?: Uint8Array;
  readonly text?: string;
  readonly attachments?: readonly {
    readonly name: string | null;
    readonly content_type: string;
    readonly content: Uint8Array;
  }[];
}

/** A message that came in for an address, with an attachment unless others are named. */
export async function storeMail(
  { log: { log }, blobs }: MailStores,
  {
    tenant_id,
    hash,
    mark,
    raw = Buffer.from(`Subject: ${mark}\r\n\r\n${mark}`),
    text = mark,
    attachments = [{ name: mark, content_type: "text/plain", content: Buffer.from(mark) }],
  }: StoredMail,
): Promise<{ readonly id: string; readonly sender: string; readonly accepted_at: number }> {
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
    raw: Buffer.from(raw),
  } as const;
  const read = keptMessage({
    message_id: null,
    from: sender,
    from_name: mark,
    subject: mark,
    html_body: null,
    text_body: text,
    headers: [{ name: "Subject", value: mark }],
    attachments: attachments.map(({ content, ...told }) => ({ ...told, content_length: content.length })),
    parse_error: null,
  });
  await blobs.put(blobKey(mail, "raw"), mail.raw);
  for (const [n, { content }] of attachments.entries()) await blobs.put(blobKey(mail, n), content);
  await log.makeDays([dayOf(accepted_at)]);
  await log.transaction((transaction) => transaction.insertMessages([messageEntry(mail, read)]));
  return { id: mail.id, sender, accepted_at };
}
