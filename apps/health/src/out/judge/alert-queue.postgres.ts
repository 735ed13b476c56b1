import type { Database } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AlertMail } from "../../judge/alerts/alert-mail";
import { AlertQueue, type WaitingMail } from "../../judge/alerts/ports";

const rowsSchema = z.array(
  z.object({
    id: z.coerce.number(),
    recipient: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    created_at: z.date().transform((date) => date.getTime()),
    tries: z.number(),
  }),
);

/** In the transaction of what the mail tells of. */
export async function queueMail(manager: EntityManager, mail: AlertMail, now: number): Promise<void> {
  const { recipient, subject, text, html } = mail;
  await manager.query(
    `INSERT INTO alert_mails (recipient, subject, text, html, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $5)`,
    [recipient, subject, text, html, new Date(now)],
  );
}

/** Mails in a table; whoever takes one pushes its time away from the others, so that no lock is held while it is sent. */
export class PostgresAlertQueue extends AlertQueue {
  constructor(private readonly database: Database) {
    super();
  }

  async take(now: number, until: number): Promise<WaitingMail | null> {
    const [mail] = await this.database.transaction(async (manager) => {
      const rows: unknown = await manager.query(
        `WITH due AS (
           SELECT id, tries FROM alert_mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE alert_mails SET due_at = $2, tries = alert_mails.tries + 1 FROM due WHERE alert_mails.id = due.id
           RETURNING alert_mails.*, due.tries AS tries_before
         ) SELECT id, recipient, subject, text, html, created_at, tries_before AS tries FROM taken`,
        [new Date(now), new Date(until)],
      );
      return rowsSchema.parse(rows);
    });
    return mail ?? null;
  }

  async postpone({ id }: WaitingMail, until: number): Promise<void> {
    await this.database.transaction((manager) =>
      manager.query("UPDATE alert_mails SET due_at = $2 WHERE id = $1", [id, new Date(until)]),
    );
  }

  async remove({ id }: WaitingMail): Promise<void> {
    await this.database.transaction((manager) => manager.query("DELETE FROM alert_mails WHERE id = $1", [id]));
  }
}
