import { WaggleError } from "@waggle/domain";
import type { Webhook } from "./webhook";

type State = Pick<Webhook, "version" | "failing_since">;

/**
 * What a webhook's state is called, as an entity tag with its quotes (RFC 9110 §8.8.3): another one for whatever can be
 * seen of it differently. `failing_since` moves without a version.
 */
export function webhookEtag({ version, failing_since }: State): string {
  return failing_since === null ? `"${version}"` : `"${version}-${failing_since.toString(36)}"`;
}

/**
 * To be called with the webhook locked, before it is changed. `ifMatch` is an `If-Match` as it was sent: entity tags in
 * a list, or `*`; absent: whatever its state. Only what people can set counts: that a webhook began to fail since it
 * was read is nobody's edit, and those who mend it are the last who should be sent away.
 * @throws WaggleError `precondition_failed` when the webhook has another state, or the tags are none of ours
 */
export function requireMatch({ version }: Pick<State, "version">, ifMatch: string | null | undefined): void {
  if (ifMatch === null || ifMatch === undefined) return;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (tags.some((tag) => tag === "*" || versionOf(tag) === String(version))) return;
  throw new WaggleError("precondition_failed", "the webhook was changed since it was read: read it again");
}

/** A weak tag never matches here (RFC 9110 §13.1.1). */
function versionOf(tag: string): string | null {
  return /^"(\d+)(?:-[0-9a-z]+)?"$/.exec(tag)?.[1] ?? null;
}
