import type { Database } from "@waggle/postgres";
import { z } from "zod";
import { liveSecrets } from "../../manage/secrets/live-secrets";
import { ExpiredSecrets } from "../../manage/secrets/ports";
import { PostgresChanges } from "./management-changes.postgres";

const EXPIRED = "SELECT tenant_id, webhook_id FROM secrets WHERE expires_at <= $1 LIMIT $2";
const BATCH = 200;

const ownersSchema = z.array(z.object({ tenant_id: z.string(), webhook_id: z.string().nullable() }));

export class PostgresExpiredSecrets extends ExpiredSecrets {
  constructor(private readonly database: Database) {
    super();
  }

  removeSome(before: number): Promise<number> {
    return this.database.transaction(async (manager) => {
      const owners = ownersSchema.parse(await manager.query(EXPIRED, [new Date(before), BATCH]));
      if (owners.length === 0) return 0;
      const changes = new PostgresChanges(manager);
      const ended = <Owner extends { readonly secrets: Parameters<typeof liveSecrets>[0] }>(all: readonly Owner[]) =>
        all.flatMap((owner) => {
          const secrets = liveSecrets(owner.secrets, before);
          return secrets.length === owner.secrets.length ? [] : [{ ...owner, secrets }];
        });
      // All tenants before all webhooks, as everybody locks them.
      const tenants = await changes.lockTenants([...new Set(owners.map(({ tenant_id }) => tenant_id))]);
      const webhooks = await changes.lockWebhooks(owners.flatMap(({ webhook_id }) => webhook_id ?? []));
      await changes.putTenants(ended(tenants));
      await changes.putWebhooks(ended(webhooks));
      return owners.length;
    });
  }
}
