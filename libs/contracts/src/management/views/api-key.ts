import { z } from "zod";
import { SCOPES } from "../api-keys";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

const EXAMPLE = {
  id: EXAMPLE_IDS.api_key,
  tenant_id: EXAMPLE_IDS.tenant,
  name: "billing",
  scopes: ["publish", "manage"],
  created_at: "2026-04-17T12:34:56.789Z",
  expires_at: "2027-04-17T00:00:00.000Z",
  last_used_at: null,
};

export const apiKeySchema = z
  .object({
    id: shownId(EXAMPLE_IDS.api_key),
    tenant_id: shownId(EXAMPLE_IDS.tenant),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: shownInstant,
    expires_at: shownInstant.nullable().describe("From then on it is good for nothing. Null: it does not expire."),
    last_used_at: shownInstant.nullable().describe("To the minute. Null: it was not used so far."),
  })
  .meta({ id: "ApiKey", description: "What one tenant's programs authenticate with.", examples: [EXAMPLE] });

const KEY_EXAMPLE = "wag_2Zq0mXc7TnB4vLr9KdHs5WyPf8JgAe1uQi3oNt6E";

export const createdApiKeySchema = z
  .object({
    ...apiKeySchema.shape,
    key: z.string().meta({ description: "The bearer token. It is shown this once.", examples: [KEY_EXAMPLE] }),
  })
  .meta({
    id: "CreatedApiKey",
    description: "An API key that was just made, with the key itself.",
    examples: [{ ...EXAMPLE, key: KEY_EXAMPLE }],
  });

export const apiKeyPageSchema = pageSchema(apiKeySchema, "ApiKeyPage");
