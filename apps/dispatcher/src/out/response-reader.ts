import type { IncomingHttpHeaders } from "node:http";
import type { AttemptError } from "@waggle/domain";
import { classifyConnectError } from "@waggle/egress";
import type { Dispatcher } from "undici";
import type { SendResult } from "../deliver/ports";

/** Bytes and milliseconds for which a body is read, and how much of it is kept. Source: safety.md "Limits". */
const BODY_LIMITS = { bytes: 65_536, ms: 2_000, kept: 16_384 } as const;

interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter: string | null;
}

/**
 * Reads one response as far as it matters: the status line and headers decide; of the body at most 64 KiB are read for
 * at most 2 s, after which the socket is destroyed. Calls `settled` exactly once.
 */
export class ResponseReader implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private head: ResponseHead | null = null;
  private readonly chunks: Buffer[] = [];
  private read = 0;
  private timer: NodeJS.Timeout;
  private isSettled = false;

  constructor(
    timeoutMs: number,
    private readonly settled: (result: SendResult) => void,
  ) {
    // undici's own timeouts are idle timers; only a deadline of one's own ends a slow drip.
    this.timer = setTimeout(() => this.stop("timeout"), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // The deadline passed while undici was connecting: the request must not be sent any more.
    if (this.isSettled) controller.abort(new Error("the attempt is over"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.isSettled) return;
    clearTimeout(this.timer);
    this.head = { status, headers: flatten(headers), retryAfter: firstOf(headers["retry-after"]) };
    this.timer = setTimeout(() => this.cut(), BODY_LIMITS.ms);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return;
    this.read += chunk.length;
    // A copy: undici's chunk is a view of a buffer it uses again.
    if (this.read - chunk.length < BODY_LIMITS.kept) this.chunks.push(Buffer.from(chunk));
    if (this.read >= BODY_LIMITS.bytes) this.cut();
  }

  onResponseEnd(): void {
    this.settle(false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.head) this.settle(true);
    else this.fail(classifyConnectError(error));
  }

  /** Ends the attempt without a response. */
  fail(error: AttemptError): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.settled({ result: { error }, response_headers: {}, response_body: null, response_truncated: false });
  }

  private stop(error: AttemptError): void {
    this.fail(error);
    this.controller?.abort(new Error("the attempt took too long"));
  }

  private cut(): void {
    this.settle(true);
    this.controller?.abort(new Error("enough of the body was read"));
  }

  private settle(isCut: boolean): void {
    if (this.isSettled || !this.head) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    const { status, headers, retryAfter } = this.head;
    const kept = Buffer.concat(this.chunks).subarray(0, BODY_LIMITS.kept);
    this.settled({
      result: { status_code: status, retry_after: retryAfter },
      response_headers: headers,
      response_body: kept.toString("utf8"),
      response_truncated: isCut || this.read > BODY_LIMITS.kept,
    });
  }
}

/** Declared as one text, but undici hands over a list when the receiver sent the header more than once. */
function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
