import { emptyBodySchema, emptyQuerySchema } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { type Caller, requireOperator } from "../../manage/caller";
import { readInput } from "../../manage/read-input";
import { incidentEnding } from "./incident-audit";
import type { Incident, IncidentStore } from "./ports";

/** `query` is what was sent with the request. */
interface IncidentRequest {
  readonly query: unknown;
}

/** Incidents for people. They span tenants, so they are the operator's alone. Source: contract §4. */
export class Incidents {
  constructor(
    private readonly store: IncidentStore,
    private readonly now: () => number,
  ) {}

  /**
   * The last one, open or not; null: there never was one.
   * @throws WaggleError `insufficient_scope`, `validation_failed`, `database_unavailable`
   */
  async latest(caller: Caller, { query }: IncidentRequest): Promise<Incident | null> {
    requireOperator(caller);
    readInput(emptyQuerySchema, query);
    return this.store.latest();
  }

  /** @throws WaggleError as `latest`, and `conflict` when none is open */
  async close(caller: Caller, { query, body }: IncidentRequest & { readonly body: unknown }): Promise<Incident | null> {
    requireOperator(caller);
    readInput(emptyQuerySchema, query);
    readInput(emptyBodySchema, body);
    const incident = await this.store.latest();
    const closed = incident !== null && (await this.closeNow(caller, incident));
    if (!closed) throw new WaggleError("conflict", "no incident is open");
    return this.store.latest();
  }

  private closeNow(caller: Caller, incident: Incident): Promise<boolean> {
    const ending = { closed_at: this.now(), closed_by: "operator" } as const;
    return this.store.end(incident, incidentEnding(caller, incident, ending));
  }
}
