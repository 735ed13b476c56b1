import type { LoggerService } from "@nestjs/common";
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

export type { Logger } from "pino";

/** One JSON line per unit of work on stdout, with the app's name; `to` something else for tests. */
export function createLogger(app: string, level: string, to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { app },
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: loggedError },
    formatters: { level: (label) => ({ level: label }) },
  };
  return to ? pino(options, to) : pino(options);
}

/** What an error says of itself, without what it was about: a database driver's carries the values of its statement. */
function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  return { type: name, code, message, stack, ...(cause !== undefined && { cause: loggedError(cause) }) };
}

/** Nest's own lines through the same logger; its start-up chatter only at debug. */
export function nestLogger(logger: Logger): LoggerService {
  const at =
    (level: "debug" | "warn" | "error" | "fatal") =>
    (message: unknown, ...more: unknown[]) =>
      logger[level]({ context: more.at(-1), detail: message instanceof Error ? message.message : message }, "nest");
  return {
    log: at("debug"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    debug: at("debug"),
    verbose: at("debug"),
  };
}
