import { tenantQuerySchema } from "@waggle/contracts";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../manage/caller";
import type { Page } from "../manage/page";
import { readInput } from "../manage/read-input";
import { deliverySearch } from "./delivery-search";
import { encodeLogCursor } from "./log-cursor";
import type { LoggedDelivery, LoggedDeliveryDetail } from "./logged-delivery";
import type { DeliveryReader } from "./ports";
import { storableText } from "./storable-text";

/** The delivery log, as far as whoever asks may see it. */
export class Deliveries {
  constructor(private readonly reader: DeliveryReader) {}

  /**
   * One page of one tenant's deliveries, newest first. A webhook of another tenant has none, as one that never was.
   * @throws WaggleError as `namedTenant`; `validation_failed`; `database_unavailable`
   */
  async list(caller: Caller, query: unknown): Promise<Page<LoggedDelivery>> {
    requireManage(caller);
    const { tenant_id: named, limit, cursor: after, ...filter } = readInput(deliverySearch, query);
    const tenantId = namedTenant(caller, named);
    // One more than is shown tells whether there is a next page.
    const found = await this.reader.list({ ...filter, tenant_id: tenantId }, { after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next_cursor: found.length > limit && last ? encodeLogCursor(last) : null };
  }

  /** @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `database_unavailable` */
  async get(caller: Caller, request: { readonly id: string; readonly query: unknown }): Promise<LoggedDeliveryDetail> {
    requireManage(caller);
    const tenantId = visibleTenant(caller, readInput(tenantQuerySchema, request.query).tenant_id);
    const delivery = await this.reader.one(storableText(request.id), tenantId);
    if (!delivery) throw notFound("delivery");
    return delivery;
  }
}
