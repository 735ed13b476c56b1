import { SECRET_OVERLAP_S, WEBHOOK_LIMITS } from "@waggle/domain";
import { z } from "zod";
import { importedSecret } from "./webhooks";

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
      .transform((given) => given ?? SECRET_OVERLAP_S)
      .describe("For how many seconds the secret before signs along; a day when left out."),
    secret: importedSecret
      .nullish()
      .transform((given) => given ?? null)
      .describe("One to take over; a generated one when left out."),
  })
  .meta({ id: "SecretRotation", examples: [{ overlap_s: 3_600 }] })
  .nullish()
  .transform((given) => given ?? { overlap_s: SECRET_OVERLAP_S, secret: null });
