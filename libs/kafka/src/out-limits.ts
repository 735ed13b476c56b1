export interface OutLimitsOptions {
  /** Full is when either is reached; there is room again at half of both. */
  readonly limits: { readonly records: number; readonly bytes: number };
  readonly onFull: () => void;
  readonly onRoom: () => void;
}

/** How much is out and counts as work, against how much may be. */
export class OutLimits {
  private records = 0;
  private bytes = 0;
  private full = false;

  constructor(private readonly options: OutLimitsOptions) {}

  get out(): { readonly records: number; readonly bytes: number } {
    return { records: this.records, bytes: this.bytes };
  }

  get isFull(): boolean {
    return this.full;
  }

  count(records: number, bytes: number): void {
    this.records += records;
    this.bytes += bytes;
    const { limits, onFull, onRoom } = this.options;
    if (!this.full && (this.records >= limits.records || this.bytes >= limits.bytes)) {
      this.full = true;
      onFull();
    } else if (this.full && this.records <= limits.records / 2 && this.bytes <= limits.bytes / 2) {
      this.full = false;
      onRoom();
    }
  }
}
