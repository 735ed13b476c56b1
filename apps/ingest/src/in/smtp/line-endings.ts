const CR = 0x0d;
const LF = 0x0a;

/**
 * Looks for a CR or LF that stands alone, which SMTP never allows (RFC 5321 §2.3.8). Where one server takes a bare LF
 * for the end of a line and another does not, a message can carry a second one past the first server's checks.
 */
export class LineEndings {
  private afterCr = false;

  /** Whether one stands in `piece`, which follows what was looked at before. */
  hasBare(piece: Uint8Array): boolean {
    let { afterCr } = this;
    for (const byte of piece) {
      if ((byte === LF) !== afterCr) return true;
      afterCr = byte === CR;
    }
    this.afterCr = afterCr;
    return false;
  }
}
