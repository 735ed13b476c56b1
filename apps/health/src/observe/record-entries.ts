import { type DeliveryChange, foldChanges, inLockOrder } from "./fold";
import type { AttemptEntry, DeliveryEntry } from "./log-entry";
import type { LogTransaction } from "./ports";
import { countedAttempts } from "./statistics/counted-attempt";
import { foldMinutes } from "./statistics/webhook-minutes";
import { foldStates } from "./statistics/webhook-state";

/** Logs rounds that were begun: their rows and bodies. Again changes nothing. */
export async function recordDeliveries(log: LogTransaction, entries: readonly DeliveryEntry[]): Promise<void> {
  const changes = await placed(log, foldChanges(entries.map((entry) => changeBy(entry, 0))));
  await log.mergeDeliveries(changes);
  const bodies = firstBodies(entries);
  await log.insertBodies(
    changes.map(({ identity: { delivery_id, accepted_at } }) => {
      return { delivery_id, accepted_at, body: bodies.get(delivery_id) ?? "" };
    }),
  );
}

/**
 * Logs tries and ends, and folds into their deliveries and webhooks those that were not logged before: a replay counts
 * nothing twice. An end without a try has no row, and needs none: its state merges the same however often.
 */
export async function recordAttempts(log: LogTransaction, entries: readonly AttemptEntry[]): Promise<void> {
  const tries = [...new Map(entries.map((entry) => [entry.try_id, entry])).values()].filter(isTry);
  const inserted = await log.insertAttempts(tries);
  const news = tries.filter(({ try_id }) => inserted.has(try_id));
  const changes = foldChanges([
    ...news.map((entry) => changeBy(entry, 1)),
    ...entries.filter((entry) => !isTry(entry)).map((entry) => changeBy(entry, 0)),
  ]);
  await log.mergeDeliveries(await placed(log, changes));
  const counted = countedAttempts(news);
  await log.addMinutes(foldMinutes(counted));
  await log.mergeStates(foldStates(counted));
}

/**
 * The changes addressed to the rows that are there, in the order in which rows are locked. A publisher's own id may
 * come again on another day, and then means the delivery that is there already; all other deliveries have one
 * `accepted_at` for ever, and nothing has to be looked for.
 */
async function placed(log: LogTransaction, changes: readonly DeliveryChange[]): Promise<DeliveryChange[]> {
  const wanted = changes.map(({ identity }) => identity).filter((identity) => identity.publisher_id);
  if (wanted.length === 0) return inLockOrder(changes);
  const rows = await log.claimRows(wanted);
  return inLockOrder(
    changes.map((change) => {
      const accepted_at = rows.get(change.identity.delivery_id) ?? change.identity.accepted_at;
      return { ...change, identity: { ...change.identity, accepted_at } };
    }),
  );
}

function changeBy({ identity, state }: Pick<DeliveryChange, "identity" | "state">, attempts: number): DeliveryChange {
  return { identity, state, attempts };
}

function isTry(entry: AttemptEntry): boolean {
  return entry.try !== null;
}

/** Of several copies the body of the one that was accepted first. */
function firstBodies(entries: readonly DeliveryEntry[]): ReadonlyMap<string, string> {
  const newestFirst = [...entries].sort((a, b) => b.identity.accepted_at - a.identity.accepted_at);
  return new Map(newestFirst.map(({ identity, body }) => [identity.delivery_id, body]));
}
