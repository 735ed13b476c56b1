import { types } from "node:util";
import { WaggleError } from "@waggle/domain";
import { type Database, dropLogDay, logDaysBefore, makeLogDays, sqlState, tookTooLong } from "@waggle/postgres";
import type { Counter } from "prom-client";
import { z } from "zod";
import { DeliveryLog, type LogTransaction } from "../../observe/ports";
import { CLAIMS_DROP } from "./log-statements.postgres";
import { PostgresLogTransaction } from "./log-transaction.postgres";
import { MINUTES_DROP, STATES_DROP } from "./statistics-statements.postgres";

/**
 * SQLSTATEs that blame the data, as prefixes: data exceptions and program limits (an index entry too long). All others
 * – a deadlock, a missing partition, a full disk, a table that is not migrated yet – may pass. PostgreSQL, appendix A.
 */
const REFUSALS = ["22", "54"] as const;
const IN_USE = "55P03";

/** Rows that go in one statement: what holds its locks for a moment only. */
const ROWS_AT_ONCE = 10_000;

const DAY_MS = 86_400_000;

// A DELETE answers with its rows and their count.
const deletedSchema = z.tuple([z.array(z.unknown()), z.number()]);

/** The delivery log in day-partitioned tables. */
export class PostgresDeliveryLog extends DeliveryLog {
  constructor(
    private readonly database: Database,
    /** `waggle_attempt_rows_total` */
    private readonly attemptRows: Pick<Counter, "inc">,
  ) {
    super();
  }

  async transaction(work: (log: LogTransaction) => Promise<void>): Promise<void> {
    const attempts = await judged(() =>
      this.database.transaction(async (manager) => {
        const log = new PostgresLogTransaction(manager);
        await work(log);
        return log.insertedAttempts;
      }),
    );
    this.attemptRows.inc(attempts);
  }

  async makeDays(days: readonly number[]): Promise<void> {
    await judged(() => this.database.transaction((manager) => makeLogDays(manager, days)));
  }

  async dropDaysBefore(day: number): Promise<readonly number[]> {
    // First, for a note must not lead to a day that is gone.
    await this.dropAll(CLAIMS_DROP, day * DAY_MS);
    const dropped: number[] = [];
    for (const old of await judged(() => this.database.read((manager) => logDaysBefore(manager, day)))) {
      const gone = await judged(() => this.drop(old));
      if (gone) dropped.push(old);
    }
    return dropped;
  }

  async dropStatisticsBefore(time: number): Promise<void> {
    await this.dropAll(MINUTES_DROP, time);
    await judged(() => this.database.read((manager) => manager.query(STATES_DROP, [time])));
  }

  /** Runs a deletion of what is before a time, so many rows at once, until there are none. */
  private async dropAll(sql: string, time: number): Promise<void> {
    let deleted = ROWS_AT_ONCE;
    while (deleted === ROWS_AT_ONCE) {
      const answer: unknown = await judged(() =>
        this.database.read((manager) => manager.query(sql, [time, ROWS_AT_ONCE])),
      );
      [, deleted] = deletedSchema.parse(answer);
    }
  }

  private async drop(day: number): Promise<boolean> {
    try {
      await this.database.transaction((manager) => dropLogDay(manager, day));
      return true;
    } catch (error) {
      if (sqlState(error) === IN_USE) return false;
      throw error;
    }
  }
}

/** Says of a failure whether what was to be stored is to blame. */
async function judged<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (tookTooLong(error)) throw new WaggleError("store_too_slow", "the store took too long", { cause: error });
    if (error instanceof WaggleError) throw error;
    const state = sqlState(error);
    // A number that its column cannot hold is found while the statement is made. Anything else is a defect of ours.
    if (state === null && !(types.isNativeError(error) && error.name === "RangeError")) throw error;
    const refused = state === null || REFUSALS.some((prefix) => state.startsWith(prefix));
    const detail = state === null ? "the statement cannot be made" : `SQLSTATE ${state}`;
    throw new WaggleError(refused ? "unstorable" : "store_failed", detail, { cause: error });
  }
}
