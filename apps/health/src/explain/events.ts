import { previewSchema, tenantPageQuerySchema, tenantQuerySchema } from "@waggle/contracts";
import { subscribedTypes, WaggleError } from "@waggle/domain";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../manage/caller";
import { cursorSchema, type Page } from "../manage/page";
import { readInput } from "../manage/read-input";
import { decodeLogCursor, encodeLogCursor } from "../observe/log-cursor";
import { storableText } from "../observe/storable-text";
import type { KeptEvent } from "./kept-event";
import { outcomesOf, type WebhookOutcome } from "./outcomes";
import type { EventDelivery, EventPosition, EventReader, TrialResult } from "./ports";

const DAY_MS = 86_400_000;
const EXAMPLES = 5;
const timelineQuery = tenantPageQuerySchema.extend({ cursor: cursorSchema(decodePosition) });
const EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** `query` and `body` are what was sent. */
export interface EventRequest {
  readonly id: string;
  readonly query: unknown;
}

export interface ExplainedEvent {
  readonly event: KeptEvent;
  readonly outcomes: readonly WebhookOutcome[];
}

/** An event of an email, and what each webhook got of it. */
export interface TimelineEntry {
  readonly event: KeptEvent;
  readonly deliveries: readonly EventDelivery[];
}

/** Questions about events, answered as far as whoever asks may know. */
export class Events {
  constructor(
    private readonly reader: EventReader,
    /** Milliseconds since the epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * @throws WaggleError as `visibleTenant`; `not_found`; `database_unavailable`; `validation_failed`, also when the
   *   operator names no tenant and several have an event of this id
   */
  async get(caller: Caller, { id, query }: EventRequest): Promise<KeptEvent> {
    requireManage(caller);
    const tenantId = visibleTenant(caller, readInput(tenantQuerySchema, query).tenant_id);
    const [event, another] = EVENT_ID.test(id) ? await this.reader.find(id, tenantId) : [];
    if (!event) throw notFound("event");
    if (!another) return event;
    throw new WaggleError("validation_failed", "several tenants have an event of this id", {
      errors: [{ path: "/tenant_id", message: "must say whose event is meant" }],
    });
  }

  /** @throws WaggleError as `get` */
  async explain(caller: Caller, request: EventRequest): Promise<ExplainedEvent> {
    const event = await this.get(caller, request);
    const { id, tenant_id, accepted_at } = event;
    // The webhooks first: one that is deleted meanwhile still shows what it got.
    const webhooks = await this.reader.webhooks(tenant_id, accepted_at);
    return { event, outcomes: outcomesOf(event, webhooks, await this.reader.deliveries(tenant_id, [id])) };
  }

  /**
   * One page of what happened to one email, oldest first. An email nobody published an event of is unknown.
   * @throws WaggleError as `namedTenant`; `validation_failed`; `not_found`; `database_unavailable`
   */
  async timeline(caller: Caller, { id, query }: EventRequest): Promise<Page<TimelineEntry>> {
    requireManage(caller);
    const { tenant_id: named, limit, cursor: after } = readInput(timelineQuery, query);
    const email = { tenant_id: namedTenant(caller, named), email_id: storableText(id) };
    // One more than is shown tells whether there is a next page.
    const found = await this.reader.ofEmail(email, { after, limit: limit + 1 });
    if (found.length === 0 && after === null) throw notFound("email");
    const events = found.slice(0, limit);
    const deliveries = await this.reader.deliveries(
      email.tenant_id,
      events.map((event) => event.id),
    );
    const items = events.map((event) => ({
      event,
      deliveries: deliveries.filter(({ event_id }) => event_id === event.id),
    }));
    const last = events.at(-1);
    const more = found.length > limit && last;
    return {
      items,
      next_cursor: more ? encodeLogCursor({ accepted_at: last.accepted_at, delivery_id: last.id }) : null,
    };
  }

  /**
   * How many recent events a filter would have matched, before anybody saves it.
   * @throws WaggleError as `namedTenant`; `validation_failed`; `database_unavailable`
   */
  async preview(caller: Caller, request: { readonly query: unknown; readonly body: unknown }): Promise<TrialResult> {
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const { events, tags, since } = readInput(previewSchema, request.body);
    const trial = {
      tenant_id: namedTenant(caller, named),
      types: [...subscribedTypes(events)],
      tags: tags ?? [],
      since: since ?? this.now() - DAY_MS,
    };
    return this.reader.tryFilter(trial, EXAMPLES);
  }
}

function decodePosition(cursor: string): EventPosition | null {
  const position = decodeLogCursor(cursor);
  return position && { accepted_at: position.accepted_at, event_id: position.delivery_id };
}
