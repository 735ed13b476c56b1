import { jsonPointer, type WebhookEntry } from "@waggle/contracts";
import { type FieldError, WaggleError } from "@waggle/domain";
import type { SecretBox } from "@waggle/secrets";

/** What stands for a custom header's value wherever it is shown. Sent back, it means: as it was. */
export const MASKED_VALUE = "***";

type SealedHeaders = WebhookEntry["headers"];

/**
 * Custom headers as they are kept, their values sealed. A masked value keeps what `before` has under that name, so
 * that a webhook which was read can be written back.
 * @throws WaggleError `validation_failed` naming each header that is masked and was never set
 */
export function sealHeaders(
  given: Readonly<Record<string, string>>,
  before: SealedHeaders,
  sealing: { readonly box: SecretBox; readonly aad: string },
): SealedHeaders {
  const known = new Map(before.map(({ name, sealed }) => [name.toLowerCase(), sealed]));
  const errors: FieldError[] = [];
  const headers = Object.entries(given).map(([name, value]) => {
    const kept = value === MASKED_VALUE ? known.get(name.toLowerCase()) : undefined;
    if (value === MASKED_VALUE && kept === undefined) {
      errors.push({ path: jsonPointer(["headers", name]), message: "is masked, but there is no value to keep" });
    }
    return { name, sealed: kept ?? sealing.box.seal(value, sealing.aad) };
  });
  if (errors.length > 0) throw new WaggleError("validation_failed", "some fields are wrong", { errors });
  return headers;
}
