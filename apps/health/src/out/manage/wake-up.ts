/** A bell for one sleeper. A ring while nobody sleeps is kept: the next sleep ends at once. */
export class WakeUp {
  private rung = false;
  private wake = () => {};

  ring(): void {
    this.rung = true;
    this.wake();
  }

  /** Resolves after a ring, after `ms`, or when `over` is aborted. */
  wait(ms: number, over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        over.removeEventListener("abort", done);
        this.rung = false;
        this.wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, this.rung || over.aborted ? 0 : ms);
      over.addEventListener("abort", done);
      this.wake = done;
    });
  }
}
