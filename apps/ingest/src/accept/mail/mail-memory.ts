/** Bytes that mail may occupy before Kafka has it, over all sessions and requests of the process. */
export class MailMemory {
  private used = 0;

  constructor(private readonly limit: number) {}

  get isFull(): boolean {
    return this.used >= this.limit;
  }

  /** Whether there was room for so many more bytes; then they are taken, and to be given back. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.used -= bytes;
  }
}
