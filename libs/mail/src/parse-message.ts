import type { InboundMessage, ParseError } from "@waggle/domain";
import { fitToLimits, MAIL_LIMITS, type MailLimits } from "./fit-to-limits";
import { decodedFields, decodedWords, fieldValue, rawFields } from "./header-fields";
import { type ParsedAttachment, readParts } from "./mime-parts";
import { senderOf } from "./sender";

export type { ParsedAttachment };

/** A message with what its attachments hold. */
export interface ParsedMessage extends InboundMessage {
  readonly attachments: readonly ParsedAttachment[];
}

/**
 * Everything that can be read of a message (RFC 5322, MIME), whatever it is: never rejects. What could not be read, or
 * exceeds the limits, is left out, and `parse_error` says the first reason. The same bytes give the same result.
 * A hostile message of 10 MiB takes many seconds of CPU: whoever serves others meanwhile calls it in a worker thread.
 */
export async function parseMessage(raw: Buffer, limits: MailLimits = MAIL_LIMITS): Promise<ParsedMessage> {
  const fitting = fitToLimits(raw, limits);
  const { text, html, attachments, problem } = await readParts(fitting.raw);
  return {
    ...headerOf(fitting.raw),
    html_body: html,
    text_body: text,
    attachments,
    parse_error: fitting.problem ?? problem,
  };
}

/** What the header alone says, in milliseconds, of a message whose rest could not be read for the reason given. */
export function parseHeader(raw: Buffer, reason: ParseError, limits: MailLimits = MAIL_LIMITS): ParsedMessage {
  // Nothing behind what a header may take is looked at.
  const fitting = fitToLimits(raw.subarray(0, limits.headerBytes), limits);
  return { ...headerOf(fitting.raw), html_body: null, text_body: null, attachments: [], parse_error: reason };
}

function headerOf(raw: Buffer): Pick<InboundMessage, "from" | "from_name" | "subject" | "message_id" | "headers"> {
  const fields = rawFields(raw);
  const subject = fieldValue(fields, "subject");
  return {
    ...senderOf(fieldValue(fields, "from")),
    subject: subject === null ? null : decodedWords(subject),
    message_id: fieldValue(fields, "message-id"),
    headers: decodedFields(fields),
  };
}
