import { INBOUND_DOORS } from "@waggle/contracts";
import { type InboundMessage, PARSE_ERRORS } from "@waggle/domain";
import { arrayLiteral, type Database } from "@waggle/postgres";
import { z } from "zod";
import { type MessageFilter, MessageReader } from "../../observe/inbound/ports";
import type { MessagePosition, MessageSummary, StoredMessage } from "../../observe/inbound/stored-message";
import { type Retention, shownSince } from "../../observe/log-days";

const parseError = z.enum(PARSE_ERRORS).nullable();

const summarySchema = z
  .object({
    event_id: z.string(),
    tenant_id: z.string(),
    hash: z.string(),
    recipient: z.string(),
    envelope_sender: z.string().nullable(),
    bounce: z.boolean(),
    door: z.enum(INBOUND_DOORS),
    accepted_at: z.date(),
    from_address: z.string().nullable(),
    from_name: z.string().nullable(),
    subject: z.string().nullable(),
    bytes: z.number(),
    attachment_count: z.number(),
    parse_error: parseError,
  })
  .transform(({ event_id, recipient, accepted_at, from_address, bytes, ...row }): MessageSummary => {
    return { ...row, id: event_id, to: recipient, accepted_at: accepted_at.getTime(), from: from_address, size: bytes };
  });

const COLUMNS = Object.keys(summarySchema.in.shape).join(", ");

const wordsOrNull = z.string().nullable();
const messageSchema = z.object({
  from: wordsOrNull,
  from_name: wordsOrNull,
  subject: wordsOrNull,
  message_id: wordsOrNull,
  html_body: wordsOrNull,
  text_body: wordsOrNull,
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  attachments: z.array(z.object({ name: z.string().nullable(), content_type: z.string(), content_length: z.number() })),
  parse_error: parseError,
});

/** The message that a row keeps as JSON. */
export function messageOfJson(json: string): InboundMessage {
  return messageSchema.parse(JSON.parse(json));
}

export class PostgresMessageReader extends MessageReader {
  constructor(
    private readonly database: Database,
    private readonly retention: Retention,
  ) {
    super();
  }

  async list(
    filter: MessageFilter,
    page: { readonly after: MessagePosition | null; readonly limit: number },
  ): Promise<readonly MessageSummary[]> {
    const values: unknown[] = [];
    const given = (value: unknown) => `$${values.push(value)}`;
    const time = (ms: number) => `to_timestamp(${given(ms)}::float8 / 1000.0)`;
    const since = Math.max(filter.since ?? 0, shownSince(this.retention));
    const conditions = [`tenant_id = ${given(filter.tenant_id)}`, `accepted_at >= ${time(since)}`];
    if (filter.until !== null) conditions.push(`accepted_at < ${time(filter.until)}`);
    if (filter.hash !== null) conditions.push(`hash = ${given(filter.hash)}`);
    if (filter.sender !== null) conditions.push(`senders @> ${given(arrayLiteral([filter.sender]))}::text[]`);
    if (page.after !== null) {
      const at = time(page.after.accepted_at);
      conditions.push(`(accepted_at, event_id) < (${at}, ${given(page.after.id)})`);
    }
    const sql = `SELECT ${COLUMNS} FROM inbound_messages WHERE ${conditions.join(" AND ")}
      ORDER BY accepted_at DESC, event_id DESC LIMIT ${given(page.limit)}`;
    return z.array(summarySchema).parse(await this.database.read((manager) => manager.query(sql, values)));
  }

  async one(id: string, tenantId: string | null): Promise<StoredMessage | null> {
    const sql = `SELECT ${COLUMNS}, message FROM inbound_messages
      WHERE event_id = $1 AND ($2::text IS NULL OR tenant_id = $2) AND accepted_at >= to_timestamp($3::float8 / 1000.0)
      LIMIT 1`;
    const values = [id, tenantId, shownSince(this.retention)];
    const [row]: unknown[] = await this.database.read((manager) => manager.query(sql, values));
    if (row === undefined) return null;
    const { message } = z.object({ message: z.string() }).parse(row);
    return { ...summarySchema.parse(row), message: messageOfJson(message) };
  }
}
