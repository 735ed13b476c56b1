import { attemptsQuerySchema, tenantQuerySchema } from "@waggle/contracts";
import { type Caller, notFound, requireManage, visibleTenant } from "../../manage/caller";
import { isId } from "../../manage/ids";
import { cursorSchema, type Page } from "../../manage/page";
import { readInput } from "../../manage/read-input";
import { decodeAttemptCursor, encodeAttemptCursor } from "../log-cursor";
import type { KnownWebhook, StatisticsReader, WebhookAttempt } from "./ports";
import { spanStarts, type WebhookHealth, webhookHealth } from "./webhook-health";

const attemptsQuery = attemptsQuerySchema.extend({ cursor: cursorSchema(decodeAttemptCursor) });

/** `query` is what was sent with the request. */
export interface StatisticsRequest {
  readonly id: string;
  readonly query: unknown;
}

/** How webhooks are doing, as far as whoever asks may see it. */
export class Statistics {
  constructor(
    private readonly parts: {
      readonly reader: StatisticsReader;
      readonly timeScale: number;
      /** Milliseconds since the epoch. */
      readonly now: () => number;
    },
  ) {}

  /** @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `database_unavailable` */
  async health(caller: Caller, { id, query }: StatisticsRequest): Promise<WebhookHealth> {
    const { reader, timeScale } = this.parts;
    requireManage(caller);
    const webhook = await this.visible(id, visibleTenant(caller, readInput(tenantQuerySchema, query).tenant_id));
    const now = this.parts.now();
    const starts = spanStarts(now);
    const [lastDay, hours] = await Promise.all([reader.total(id, starts["24h"]), reader.hours(id, starts["7d"])]);
    return webhookHealth({ webhook, lastDay, hours }, { now, timeScale });
  }

  /**
   * One page of a webhook's attempts, newest first, also of deliveries that succeeded later.
   * @throws WaggleError as `health`
   */
  async attempts(caller: Caller, { id, query }: StatisticsRequest): Promise<Page<WebhookAttempt>> {
    requireManage(caller);
    const { tenant_id: named, result, limit, cursor: after } = readInput(attemptsQuery, query);
    const webhook = await this.visible(id, visibleTenant(caller, named));
    const { attempts, next } = await this.parts.reader.attempts(webhook, { result, after, limit });
    return { items: attempts, next_cursor: next && encodeAttemptCursor(next) };
  }

  private async visible(id: string, tenantId: string | null): Promise<KnownWebhook> {
    const webhook = isId("wh", id) ? await this.parts.reader.webhook(id) : null;
    if (!webhook || (tenantId !== null && webhook.tenant_id !== tenantId)) throw notFound("webhook");
    return webhook;
  }
}
