import { MAX_MAIL_BYTES } from "@waggle/contracts";
import type { MailMemory } from "./mail-memory";

/** Why a message is not kept: larger than any may be, or there is no memory for it now. */
export type MailOverflow = "too_large" | "no_memory";

const FIRST_BLOCK_BYTES = 16 * 1_024;
const LARGEST_BLOCK_BYTES = 1_048_576;

/**
 * One message as it comes in. Bytes are copied into blocks that double: the pieces they arrive in can be as small as a
 * byte each, and a million small buffers take many times the memory of what they hold.
 */
export class MailBuffer {
  private blocks: Buffer[] = [];
  private held = 0;
  private received = 0;
  private refusal: MailOverflow | null = null;

  constructor(private readonly memory: MailMemory) {}

  /** Bytes that have come, kept or not. */
  get size(): number {
    return this.received;
  }

  /** What is in the way of keeping the message, null while it is kept. What follows is only counted. */
  get overflow(): MailOverflow | null {
    return this.refusal;
  }

  add(piece: Buffer): void {
    const overflow = this.refusal ?? this.keep(piece);
    this.received += piece.length;
    if (overflow === null) return;
    this.refusal = overflow;
    this.release();
  }

  /** The whole message, once: the blocks go. Its memory stays taken until `release`. */
  bytes(): Buffer {
    const whole = Buffer.concat(this.blocks, this.received);
    this.blocks = [];
    return whole;
  }

  /** Gives the memory back. */
  release(): void {
    this.memory.giveBack(this.held);
    this.blocks = [];
    this.held = 0;
  }

  private keep(piece: Buffer): MailOverflow | null {
    if (this.received + piece.length > MAX_MAIL_BYTES) return "too_large";
    let copied = 0;
    while (copied < piece.length) {
      const free = this.held - this.received - copied;
      const block = free > 0 ? this.blocks.at(-1) : this.grow();
      if (block === undefined) return "no_memory";
      copied += piece.copy(block, free > 0 ? block.length - free : 0, copied);
    }
    return null;
  }

  private grow(): Buffer | undefined {
    const bytes = Math.min(Math.max(this.held, FIRST_BLOCK_BYTES), LARGEST_BLOCK_BYTES);
    if (!this.memory.take(bytes)) return undefined;
    this.held += bytes;
    const block = Buffer.allocUnsafeSlow(bytes);
    this.blocks.push(block);
    return block;
  }
}
