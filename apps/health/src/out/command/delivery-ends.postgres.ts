import type { Database } from "@waggle/postgres";
import { z } from "zod";
import { DeliveryEnds, type LoggedId } from "../../command/ports";

const endedSchema = z.array(z.object({ delivery_id: z.string() }));

/** Asks the days of the deliveries only. */
export class PostgresDeliveryEnds extends DeliveryEnds {
  constructor(private readonly database: Database) {
    super();
  }

  async among(deliveries: readonly LoggedId[]): Promise<ReadonlySet<string>> {
    const times = deliveries.map(({ accepted_at }) => accepted_at);
    const rows = await this.database.read((manager) =>
      manager.query(
        `SELECT delivery_id FROM deliveries WHERE delivery_id = ANY ($1) AND status <> 'pending'
           AND accepted_at >= to_timestamp($2::float8 / 1000.0) AND accepted_at <= to_timestamp($3::float8 / 1000.0)`,
        [deliveries.map(({ delivery_id }) => delivery_id), Math.min(...times), Math.max(...times)],
      ),
    );
    return new Set(endedSchema.parse(rows).map(({ delivery_id }) => delivery_id));
  }
}
