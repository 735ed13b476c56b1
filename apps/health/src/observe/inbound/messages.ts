import { inboundMessageSearchSchema, isInOrder, NOT_IN_ORDER, tenantQuerySchema } from "@waggle/contracts";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../../manage/caller";
import { cursorSchema, type Page } from "../../manage/page";
import { readInput } from "../../manage/read-input";
import { decodeLogCursor, encodeLogCursor } from "../log-cursor";
import { storableText } from "../storable-text";
import { type BlobPart, blobKey } from "./blob-key";
import { senderKey } from "./message-entry";
import type { Blobs, MessageReader, OpenBlob } from "./ports";
import type { MessagePosition, MessageSummary, StoredMessage } from "./stored-message";

/** `query` is what was sent. */
export interface MessageRequest {
  readonly id: string;
  readonly query: unknown;
}

/** A part of a message to be saved by whoever asked. All of it is a stranger's. */
export interface Download extends OpenBlob {
  readonly content_type: string;
  /** Not yet fit for a header. */
  readonly file_name: string;
}

const messageSearch = inboundMessageSearchSchema
  .extend({ cursor: cursorSchema(decodePosition) })
  .refine(isInOrder, NOT_IN_ORDER);

/** Messages that came in, as far as whoever asks may see them. */
export class Messages {
  constructor(
    private readonly reader: MessageReader,
    private readonly blobs: Pick<Blobs, "open">,
  ) {}

  /**
   * One page of one tenant's messages, newest first. An address of another tenant has none, as one that never was.
   * @throws WaggleError as `namedTenant`; `validation_failed`; `database_unavailable`
   */
  async list(caller: Caller, query: unknown): Promise<Page<MessageSummary>> {
    requireManage(caller);
    const { tenant_id: named, limit, cursor: after, address, sender, since, until } = readInput(messageSearch, query);
    const filter = {
      tenant_id: namedTenant(caller, named),
      hash: address && hashIn(address),
      sender: sender && senderKey(sender),
      since,
      until,
    };
    // One more than is shown tells whether there is a next page.
    const found = await this.reader.list(filter, { after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last;
    const next = more ? encodeLogCursor({ accepted_at: last.accepted_at, delivery_id: last.id }) : null;
    return { items, next_cursor: next };
  }

  /** @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `database_unavailable` */
  async get(caller: Caller, { id, query }: MessageRequest): Promise<StoredMessage> {
    requireManage(caller);
    const tenantId = visibleTenant(caller, readInput(tenantQuerySchema, query).tenant_id);
    const message = await this.reader.one(storableText(id), tenantId);
    if (!message) throw notFound("inbound message");
    return message;
  }

  /**
   * The message as it came.
   * @throws WaggleError as `get`; `blob_store_unavailable`
   */
  async raw(caller: Caller, request: MessageRequest): Promise<Download> {
    const message = await this.get(caller, request);
    const opened = await this.open(message, "raw");
    if (!opened) throw notFound("inbound message");
    return { ...opened, content_type: "message/rfc822", file_name: `${message.id}.eml` };
  }

  /**
   * What an attachment holds; `n` is its place among those of the message, from 0, as it was written.
   * @throws WaggleError as `get`; `blob_store_unavailable`
   */
  async attachment(caller: Caller, { n, ...request }: MessageRequest & { readonly n: string }): Promise<Download> {
    const stored = await this.get(caller, request);
    const place = /^\d{1,4}$/.test(n) ? Number(n) : -1;
    const attachment = stored.message.attachments[place];
    const opened = attachment && (await this.open(stored, place));
    if (!opened) throw notFound("attachment");
    const { content_type, name } = attachment;
    return { ...opened, content_type, file_name: name ?? `attachment-${place}` };
  }

  private open(message: StoredMessage, part: BlobPart): Promise<OpenBlob | null> {
    return this.blobs.open(blobKey(message, part));
  }
}

/** An address is told by its hash, however the rest is spelled. */
function hashIn(address: string): string {
  const at = address.lastIndexOf("@");
  return storableText(at < 0 ? address : address.slice(0, at)).toLowerCase();
}

function decodePosition(cursor: string): MessagePosition | null {
  const position = decodeLogCursor(cursor);
  return position && { accepted_at: position.accepted_at, id: position.delivery_id };
}
