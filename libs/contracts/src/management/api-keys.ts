import { z } from "zod";
import type { ApiKeyEntry } from "../directory";
import { givenInstant } from "./instant";
import { line } from "./text";

/** What an API key may be used for. Source: contract §4. */
export type Scope = ApiKeyEntry["scopes"][number];
export const SCOPES = ["publish", "manage"] as const satisfies readonly Scope[];

export const apiKeyCreationSchema = z
  .strictObject({
    name: line(128),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
    /** Parsed to milliseconds since the epoch. */
    expires_at: givenInstant.nullable().default(null).describe("Still to come; null: never."),
  })
  .meta({
    id: "ApiKeyCreation",
    examples: [{ name: "billing", scopes: ["publish"], expires_at: "2027-04-17T00:00:00Z" }],
  });

export type ApiKeyCreation = z.output<typeof apiKeyCreationSchema>;
