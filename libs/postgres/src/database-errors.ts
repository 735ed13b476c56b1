import { WaggleError } from "@waggle/domain";
import { DatabaseError } from "pg";
import { QueryFailedError } from "typeorm";

/**
 * SQLSTATEs of a server that cannot serve now, as prefixes: connection exceptions, insufficient resources, operator
 * intervention (shutdown, starting up, statement timeout), read-only (a standby after a failover).
 * Source: PostgreSQL, appendix A.
 */
const UNAVAILABLE = ["08", "53", "57", "25006"] as const;

/** The SQLSTATE a server answered with; null when an error is none of a server's. */
export function sqlState(error: unknown): string | null {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof DatabaseError ? (cause.code ?? null) : null;
}

/** Whether the server, asked for something, said or showed that it cannot serve now. */
export function isServerUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return UNAVAILABLE.some((prefix) => state.startsWith(prefix));
  // A statement that failed without an answer of the server failed for want of a connection.
  return error instanceof QueryFailedError;
}

/** Why a unit of work was cut off. */
export class WorkLimitReached extends Error {
  constructor(limitMs: number) {
    super(`no end within ${limitMs} ms`);
  }
}

const STATEMENT_TIMEOUT = "57014";

/** Whether the server, alive, gave a statement up for its time: it asked for too much, or waited for others. */
export function statementTimedOut(error: unknown): boolean {
  return error instanceof WaggleError && sqlState(error.cause) === STATEMENT_TIMEOUT;
}

/** The same, or a unit of work reached its limit: its server may have hung. */
export function tookTooLong(error: unknown): boolean {
  return error instanceof WaggleError && (error.cause instanceof WorkLimitReached || statementTimedOut(error));
}

/** PostgreSQL is away, hangs or refuses. What was asked may or may not have happened. */
export function databaseUnavailable(cause: unknown): WaggleError<"database_unavailable"> {
  return new WaggleError("database_unavailable", "the database cannot be reached, try again shortly", { cause });
}
