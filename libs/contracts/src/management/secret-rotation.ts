import { isImportableSecret, SECRET_OVERLAP_S, WEBHOOK_LIMITS } from "@waggle/domain";
import { z } from "zod";

const { min, max } = WEBHOOK_LIMITS.secretOverlapSeconds;

/**
 * The body of `POST /v1/webhooks/{id}/rotate-secret`, which may be left out: a generated secret, and the one before
 * signs along for the usual time. Null is as good as absent. Source: contract §3 and §4.
 */
export const secretRotationSchema = z
  .strictObject({
    overlap_s: z
      .int()
      .min(min)
      .max(max)
      .nullish()
      .transform((given) => given ?? SECRET_OVERLAP_S),
    secret: z
      .string()
      .refine(isImportableSecret, "must be 16 to 256 printable characters; what follows whsec_ must be base64")
      .nullish()
      .transform((given) => given ?? null),
  })
  .nullish()
  .transform((given) => given ?? { overlap_s: SECRET_OVERLAP_S, secret: null });
