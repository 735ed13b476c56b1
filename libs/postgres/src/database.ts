import type { Client } from "pg";
import type { DataSource, EntityManager, QueryRunner } from "typeorm";
import { createDataSource } from "./data-source";
import { databaseUnavailable, isServerUnavailable, WorkLimitReached } from "./database-errors";
import { timeLimit } from "./time-limit";

/** The part of a logger this lib uses; pino's has this shape. */
export interface DatabaseLogger {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly logger: DatabaseLogger;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** Milliseconds to get a connection. Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds a unit of work may take once it has a connection. Default 5,000. */
  readonly workLimitMs?: number;
}

const STATEMENT_SHARE = 0.8;
const CLOSE_LIMIT_MS = 2_000;
const DEFAULTS = { poolSize: 10, connectTimeoutMs: 3_000, workLimitMs: 5_000 };

/**
 * PostgreSQL for one part of a process: a pool, and units of work that end within their limit whatever the server
 * does. A server that is away, hangs or refuses makes work fail with `database_unavailable`, never the process; the
 * next unit of work tries again.
 */
export class Database {
  private readonly options: DatabaseOptions & typeof DEFAULTS;
  private opening: Promise<DataSource> | null = null;
  private closed = false;

  constructor(options: DatabaseOptions) {
    this.options = { ...DEFAULTS, ...options };
  }

  /**
   * Runs `work` in one transaction: all of it happens, or nothing.
   * @throws WaggleError `database_unavailable`; when it strikes during the commit the outcome is unknown
   */
  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.onConnection(async (runner) => {
      await runner.startTransaction();
      const result = await work(runner.manager);
      await runner.commitTransaction();
      return result;
    }, this.options.workLimitMs);
  }

  /**
   * Runs `work` on one connection, each statement by itself.
   * @throws WaggleError `database_unavailable`
   */
  read<Result>(
    work: (manager: EntityManager) => Promise<Result>,
    { limitMs = this.options.workLimitMs }: { readonly limitMs?: number } = {},
  ): Promise<Result> {
    return this.onConnection((runner) => work(runner.manager), limitMs);
  }

  /** Ends the pool; work that is under way fails. */
  async close(): Promise<void> {
    this.closed = true;
    const source = await this.opening?.catch(() => null);
    // A server that hangs never answers the goodbye.
    await timeLimit(source?.destroy() ?? Promise.resolve(), CLOSE_LIMIT_MS).catch(() => undefined);
  }

  private async onConnection<Result>(work: (runner: QueryRunner) => Promise<Result>, limitMs: number): Promise<Result> {
    const runner = (await this.source()).createQueryRunner();
    const client = await connect(runner);
    let lost = false;
    let isLate = false;
    const end = () => {
      lost = true;
      // With a statement under way this cuts the connection; without one, the next statement is refused.
      client.end().catch(() => undefined);
    };
    client.once("error", end);
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, limitMs);
    try {
      return await work(runner);
    } catch (error) {
      if (runner.isTransactionActive && !lost) await runner.rollbackTransaction().catch(end);
      if (isLate) throw databaseUnavailable(new WorkLimitReached(limitMs));
      throw lost || isServerUnavailable(error) ? databaseUnavailable(error) : error;
    } finally {
      clearTimeout(timer);
      client.off("error", end);
      await runner.release();
    }
  }

  private async source(): Promise<DataSource> {
    if (this.closed) throw databaseUnavailable(new Error("the database was closed"));
    this.opening ??= this.open();
    const { opening } = this;
    try {
      return await opening;
    } catch (error) {
      if (this.opening === opening) this.opening = null;
      throw databaseUnavailable(error);
    }
  }

  private async open(): Promise<DataSource> {
    const { url, poolSize, connectTimeoutMs, workLimitMs, logger } = this.options;
    const source = createDataSource({
      url,
      poolSize,
      connectTimeoutMs,
      // Sooner than the unit of work is cut off, so that a server that is alive says what took too long.
      statementTimeoutMs: Math.ceil(workLimitMs * STATEMENT_SHARE),
      onConnectionLost: (error) => logger.warn({ err: error }, "database.connection_lost"),
    });
    const initialized = source.initialize();
    try {
      // TypeORM asks the server for its version here, which a hanging one never answers.
      return await timeLimit(initialized, connectTimeoutMs + workLimitMs);
    } catch (error) {
      initialized.then(() => source.destroy()).catch(() => undefined);
      throw error;
    }
  }
}

async function connect(runner: QueryRunner): Promise<Client> {
  try {
    return await runner.connect();
  } catch (error) {
    await runner.release();
    throw databaseUnavailable(error);
  }
}
