import type { IncomingHttpHeaders } from "node:http";
import { StringDecoder } from "node:string_decoder";
import type { AttemptError } from "@waggle/domain";
import { classifyConnectError } from "@waggle/egress";
import type { Dispatcher } from "undici";
import type { SendResult } from "../deliver/ports";

/** Bytes and milliseconds for which a body is read, and how much of it is kept. Source: safety.md "Limits". */
const BODY_LIMITS = { bytes: 65_536, ms: 2_000, kept: 16_384 } as const;

/** The one 1xx after which no other response comes, and nobody asked for it. */
const SWITCHING_PROTOCOLS = 101;

interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter: string | null;
}

/**
 * Reads one response as far as it matters: the status line and headers decide; of the body at most 64 KiB are read for
 * at most 2 s.
 */
export class ResponseReader implements Dispatcher.DispatchHandler {
  private head: ResponseHead | null = null;
  private readonly chunks: Buffer[] = [];
  private read = 0;
  private timer: NodeJS.Timeout;
  private isSettled = false;

  /**
   * @param timeoutMs from now to the response's headers
   * @param settled called exactly once; not `isComplete`: the connection is to be destroyed, whatever else comes on it
   */
  constructor(
    timeoutMs: number,
    private readonly settled: (result: SendResult, isComplete: boolean) => void,
  ) {
    // undici's own timeouts are idle timers; only a deadline of one's own ends a slow drip.
    this.timer = setTimeout(() => this.fail("timeout"), timeoutMs);
  }

  /** Nothing to do, but undici takes a handler without it for one of another kind. */
  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 100 || status === SWITCHING_PROTOCOLS) this.fail("malformed_response");
    if (status < 200 || this.isSettled) return;
    clearTimeout(this.timer);
    this.head = { status, headers: flatten(headers), retryAfter: firstOf(headers["retry-after"]) };
    this.timer = setTimeout(() => this.settle("cut"), BODY_LIMITS.ms);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return;
    // A copy: undici's chunk is a view of a buffer it uses again.
    if (this.read < BODY_LIMITS.kept) this.chunks.push(Buffer.from(chunk));
    this.read += chunk.length;
    if (this.read >= BODY_LIMITS.bytes) this.settle("cut");
  }

  onResponseEnd(): void {
    this.settle("complete");
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.head) this.settle("cut");
    else this.fail(classifyConnectError(error));
  }

  /** Ends the attempt without a response. */
  fail(error: AttemptError): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.settled(failed(error), false);
  }

  private settle(body: "complete" | "cut"): void {
    if (this.isSettled || !this.head) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    const { status, headers, retryAfter } = this.head;
    const isComplete = body === "complete";
    const stored = storedText(Buffer.concat(this.chunks));
    const result = {
      result: { status_code: status, retry_after: retryAfter },
      response_headers: headers,
      response_body: stored.text,
      response_truncated: !isComplete || stored.isCut,
    };
    this.settled(result, isComplete);
  }
}

/** An attempt without a response. */
export function failed(error: AttemptError): SendResult {
  return { result: { error }, response_headers: {}, response_body: null, response_truncated: false };
}

/** What is kept of a body: 16 KiB of UTF-8 at most, and no half character. What is no UTF-8 grows by being replaced. */
function storedText(body: Buffer): { readonly text: string; readonly isCut: boolean } {
  const { kept } = BODY_LIMITS;
  const text = body.subarray(0, kept).toString("utf8");
  if (body.length <= kept && Buffer.byteLength(text) <= kept) return { text, isCut: false };
  return { text: wholeCharacters(Buffer.from(wholeCharacters(body.subarray(0, kept))).subarray(0, kept)), isCut: true };
}

function wholeCharacters(bytes: Buffer): string {
  return new StringDecoder("utf8").write(bytes);
}

/** Declared as one text, but undici hands over a list when the receiver sent the header more than once. */
function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
