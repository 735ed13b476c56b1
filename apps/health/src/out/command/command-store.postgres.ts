import type { Database } from "@waggle/postgres";
import { CommandStore, type CommandTransaction } from "../../command/ports";
import type { Once } from "../../manage/idempotency/once";
import { doOnce } from "../manage/kept-answers.postgres";
import { PostgresCommandTransaction } from "./command-transaction.postgres";

export class PostgresCommandStore extends CommandStore {
  constructor(
    private readonly database: Database,
    /** Milliseconds since the epoch. */
    private readonly now: () => number,
  ) {
    super();
  }

  change<Result>(
    work: (commands: CommandTransaction) => Promise<Result>,
    once?: Once<NonNullable<Result>>,
  ): Promise<Result> {
    return this.database.transaction((manager) =>
      doOnce(manager, once, () => work(new PostgresCommandTransaction(manager, this.now))),
    );
  }
}
