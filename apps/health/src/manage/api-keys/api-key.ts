import { z } from "zod";
import { SCOPES, type Scope } from "../caller";
import { line } from "../text";

/** A key that publishers and managers of one tenant authenticate with; `created_at` in ms since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What is kept of the key itself: SHA-256, hex. */
  readonly key_hash: string;
  readonly created_at: number;
}

export const apiKeyCreationSchema = z.strictObject({
  name: line(128),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
});

export type ApiKeyCreation = z.output<typeof apiKeyCreationSchema>;
