import type { Database } from "@waggle/postgres";
import { z } from "zod";
import { RecoveryStore, type RecoveryTransaction, type RunningRecovery } from "../../command/recover/ports";
import type { Recovery } from "../../command/recover/recovery";
import type { Once } from "../../manage/idempotency/once";
import { doOnce } from "../manage/kept-answers.postgres";
import { RECOVERY_COLUMNS, recoverySchema } from "./recovery-rows.postgres";
import { PostgresRecoveryTransaction } from "./recovery-transaction.postgres";

const runningSchema = z.array(recoverySchema.pick({ id: true, webhook_id: true, created_at: true }));

export class PostgresRecoveryStore extends RecoveryStore {
  constructor(
    private readonly database: Database,
    /** Milliseconds since the epoch. */
    private readonly now: () => number,
  ) {
    super();
  }

  change<Result>(
    work: (commands: RecoveryTransaction) => Promise<Result>,
    once?: Once<NonNullable<Result>>,
  ): Promise<Result> {
    return this.database.transaction((manager) =>
      doOnce(manager, once, () => work(new PostgresRecoveryTransaction(manager, this.now))),
    );
  }

  async recovery(id: string): Promise<Recovery | null> {
    const rows = await this.database.read((manager) =>
      manager.query(`SELECT ${RECOVERY_COLUMNS} FROM recoveries WHERE id = $1`, [id]),
    );
    return z.array(recoverySchema).parse(rows)[0] ?? null;
  }

  async running(): Promise<readonly RunningRecovery[]> {
    return runningSchema.parse(
      await this.database.read((manager) =>
        manager.query("SELECT id, webhook_id, created_at FROM recoveries WHERE status = 'running' ORDER BY id"),
      ),
    );
  }
}
