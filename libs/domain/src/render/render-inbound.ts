import { type Dialect, eventName } from "../dialect";
import type { InboundEvent } from "../inbound";
import { jsonPrefix } from "./json-length";

/** The two members that may be long, as much of them as is sent. */
interface Bodies {
  readonly html: string | null;
  readonly text: string | null;
  readonly truncated: boolean;
}

const RENDERERS: Readonly<Record<Dialect, (event: InboundEvent, bodies: Bodies) => string>> = {
  hiveku: (event, bodies) => {
    const { id, created_at } = event;
    return JSON.stringify({ id, type: eventName("hiveku", "inbound"), created_at, data: snakeCase(event, bodies) });
  },
  buzzmark: (event, bodies) => JSON.stringify(pascalCase(event, bodies)),
  standard: (event, bodies) => {
    const type = eventName("standard", "inbound");
    return JSON.stringify({ type, timestamp: event.created_at, data: snakeCase(event, bodies) });
  },
};

/**
 * The body of the POST that tells a receiver of a message that came in: JSON without spaces, byte-exact per dialect. It
 * takes at most `maxBytes` in UTF-8; what does not fit is cut off the end of the HTML and the text, and the body says
 * so. Absent members are null in every dialect. Source: contract §3 "inbound body"; Buzzmark's page "Inbound webhooks".
 */
export function renderInbound(dialect: Dialect, event: InboundEvent, maxBytes: number): string {
  const render = RENDERERS[dialect];
  const around = jsonPrefix(render(event, { html: "", text: "", truncated: true }), Number.POSITIVE_INFINITY);
  // Escapes of the frame are counted twice here, which only makes the room a little smaller.
  return render(event, fitting(event, Math.max(0, maxBytes - around.bytes)));
}

/** HTML and text within `room` bytes of JSON: when both are too long each gets half, or what the other leaves. */
function fitting({ message: { html_body: html, text_body: text } }: InboundEvent, room: number): Bodies {
  const htmlBytes = lengthOf(html);
  const textBytes = lengthOf(text);
  if (htmlBytes + textBytes <= room) return { html, text, truncated: false };
  const half = Math.floor(room / 2);
  const textRoom = Math.min(textBytes, Math.max(half, room - htmlBytes));
  return { html: cut(html, room - textRoom), text: cut(text, textRoom), truncated: true };
}

function lengthOf(text: string | null): number {
  return text === null ? 0 : jsonPrefix(text, Number.POSITIVE_INFINITY).bytes;
}

function cut(text: string | null, maxBytes: number): string | null {
  return text === null ? null : text.slice(0, jsonPrefix(text, maxBytes).end);
}

function snakeCase({ to, message }: InboundEvent, { html, text, truncated }: Bodies): Record<string, unknown> {
  const { from, from_name, subject, parse_error } = message;
  return {
    from,
    from_name,
    to,
    subject,
    html_body: html,
    text_body: text,
    headers: message.headers.map(({ name, value }) => ({ name, value })),
    attachments: message.attachments.map(({ name, content_type, content_length }) => ({
      name,
      content_type,
      content_length,
    })),
    ...(parse_error === null ? {} : { parse_error }),
    ...(truncated ? { truncated } : {}),
  };
}

function pascalCase({ to, message }: InboundEvent, { html, text, truncated }: Bodies): Record<string, unknown> {
  return {
    From: message.from,
    FromName: message.from_name,
    To: to,
    Subject: message.subject,
    HtmlBody: html,
    TextBody: text,
    Headers: message.headers.map(({ name, value }) => ({ Name: name, Value: value })),
    Attachments: message.attachments.map(({ name, content_type, content_length }) => ({
      Name: name,
      ContentType: content_type,
      ContentLength: content_length,
    })),
    ...(message.parse_error === null ? {} : { ParseError: message.parse_error }),
    ...(truncated ? { Truncated: true } : {}),
  };
}
