import type { InboundMail } from "@waggle/contracts";
import type { ReadMail } from "./kept-message";
import type { MessagePosition, MessageSummary, StoredMessage } from "./stored-message";

/** Reads messages without holding up anything else. */
export abstract class MailReader {
  /** Whatever could be read of the message in the time it may take. Rejects only when the process is stopping. */
  abstract read(mail: InboundMail): Promise<ReadMail>;
}

/** What is too large, or of too many bytes that mean nothing to a database, to be kept in rows. */
export abstract class Blobs {
  /**
   * Keeps `content` under the key, in place of what was there. Once it resolves the content outlives a crash.
   * @throws WaggleError `blob_store_unavailable`: it may be kept or not
   */
  abstract put(key: string, content: Uint8Array): Promise<void>;

  /**
   * Null: there is none of this key.
   * @throws WaggleError `blob_store_unavailable`
   */
  abstract open(key: string): Promise<OpenBlob | null>;

  /**
   * The first parts of all keys, up to their first `/`.
   * @throws WaggleError `blob_store_unavailable`
   */
  abstract groups(): Promise<readonly string[]>;

  /**
   * Removes everything whose key begins with `group` and a `/`. Again changes nothing.
   * @throws WaggleError `blob_store_unavailable`: some of it may be gone
   */
  abstract removeGroup(group: string): Promise<void>;
}

export interface OpenBlob {
  readonly bytes: number;
  /** To be read to its end or destroyed. */
  readonly content: NodeJS.ReadableStream & AsyncIterable<Uint8Array>;
}

/** What messages are looked for by; null: not by this. Times in milliseconds since the epoch. */
export interface MessageFilter {
  readonly tenant_id: string;
  readonly hash: string | null;
  /** As `senderKey` makes it. */
  readonly sender: string | null;
  /** Accepted at or after this. */
  readonly since: number | null;
  /** Accepted before this. */
  readonly until: number | null;
}

/** Stored messages as people read them. */
export abstract class MessageReader {
  /**
   * The newest messages after `after` (null: from the start), at most `limit`.
   * @throws WaggleError `database_unavailable`
   */
  abstract list(
    filter: MessageFilter,
    page: { readonly after: MessagePosition | null; readonly limit: number },
  ): Promise<readonly MessageSummary[]>;

  /**
   * One message, null when there is none of this id or it is not the tenant's. `tenantId` null: of any tenant.
   * @throws WaggleError `database_unavailable`
   */
  abstract one(id: string, tenantId: string | null): Promise<StoredMessage | null>;
}
