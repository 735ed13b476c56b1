import type { AttemptError } from "@waggle/domain";

/** The attempt errors that come from a connection; the other two judge a response that was read. */
export type EgressErrorCode = Exclude<AttemptError, "http_status" | "redirect_refused">;

/** What the guarded connector fails with. `detail` names the stage, never an address or a host. */
export class EgressError extends Error {
  override readonly name = "EgressError";
  readonly code: EgressErrorCode;
  readonly detail: string;

  constructor(code: EgressErrorCode, detail: string, options?: { readonly cause: unknown }) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}
