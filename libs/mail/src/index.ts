/** Mail as it came in, made readable: MIME to one plain structure. A message is never lost and nothing here throws. */
export type { MailLimits } from "./fit-to-limits";
export { type MailTask, MailThreads, type MailThreadsOptions } from "./mail-threads";
export { type ParsedAttachment, type ParsedMessage, parseHeader, parseMessage } from "./parse-message";
