import type { Writable } from "node:stream";
import { WaggleError } from "@waggle/domain";
import type { Download } from "../../observe/inbound/messages";
import { drained } from "../drained";

export interface PiecesOptions {
  /** Where they go; an object each. */
  readonly to: Writable;
  /** Aborted when nobody reads any more. */
  readonly left: AbortSignal;
  /** A reader that takes nothing for so many milliseconds is given up. */
  readonly stalledMs: number;
}

/**
 * What a download holds, no faster than it is read, in messages as JSON; what is left of it is let go when nobody reads
 * any more. This door tells no length, so nothing but the whole may end well.
 * @throws WaggleError `blob_store_unavailable` when the content breaks off; `overloaded` when the reader is given up
 */
export async function* downloadPieces(
  content: Download["content"],
  { to, left, stalledMs }: PiecesOptions,
): AsyncGenerator<{ readonly content: string }, void, undefined> {
  for await (const piece of unbroken(content)) {
    if (left.aborted) return;
    yield { content: Buffer.from(piece).toString("base64") };
    if (!to.writableNeedDrain || (await drained(to, left, stalledMs))) continue;
    if (left.aborted) return;
    throw new WaggleError("overloaded", "nobody read the download any further");
  }
}

async function* unbroken(content: Download["content"]): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content;
  } catch (cause) {
    throw new WaggleError("blob_store_unavailable", "the content broke off", { cause });
  }
}
