import type { LoggerService } from "@nestjs/common";
import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** One JSON line per unit of work on stdout, with the app's name. */
export function createLogger(app: string, level: string): Logger {
  return pino({
    level,
    base: { app },
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
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
