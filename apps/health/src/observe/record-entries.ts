import type { DeliveryIdentity } from "@waggle/contracts";
import { type DeliveryChange, foldChanges, inLockOrder } from "./fold";
import type { AttemptEntry, DeliveryEntry } from "./log-entry";
import type { LogTransaction } from "./ports";
import { countedAttempts } from "./statistics/counted-attempt";
import { foldMinutes } from "./statistics/webhook-minutes";
import { foldStates } from "./statistics/webhook-state";

interface Identified {
  readonly identity: DeliveryIdentity;
}
/** `accepted_at` by delivery. */
type RowTimes = ReadonlyMap<string, number>;

/** Logs rounds that were begun: their rows and bodies. Again changes nothing. */
export async function recordDeliveries(log: LogTransaction, entries: readonly DeliveryEntry[]): Promise<void> {
  const rows = await rowTimes(log, entries);
  const folded = foldChanges(entries.map((entry) => changeBy(entry, 0)));
  const changes = inLockOrder(folded.map((change) => inRow(change, rows)));
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
  const rows = await rowTimes(log, entries);
  const inserted = await log.insertAttempts(tries.map((entry) => inRow(entry, rows)));
  const news = tries.filter(({ try_id }) => inserted.has(try_id));
  const changes = foldChanges([
    ...news.map((entry) => changeBy(entry, 1)),
    ...entries.filter((entry) => !isTry(entry)).map((entry) => changeBy(entry, 0)),
  ]);
  await log.mergeDeliveries(inLockOrder(changes.map((change) => inRow(change, rows))));
  const counted = countedAttempts(news);
  await log.addMinutes(foldMinutes(counted));
  await log.mergeStates(foldStates(counted));
}

/**
 * The `accepted_at` under which deliveries have their rows, where it may be another one than their own: a publisher's own
 * id may come again on another day, and then means the delivery that is there already. All other deliveries have one
 * `accepted_at` for ever, and nothing has to be looked for.
 */
async function rowTimes(log: LogTransaction, items: readonly Identified[]): Promise<RowTimes> {
  const wanted = items.filter(({ identity }) => identity.publisher_id).map(({ identity }) => identity);
  if (wanted.length === 0) return new Map();
  const newestFirst = wanted.sort((a, b) => b.accepted_at - a.accepted_at);
  const firsts = new Map(newestFirst.map((identity) => [identity.delivery_id, identity]));
  return log.claimRows([...firsts.values()]);
}

/** Something of a delivery, addressed to the row it has. */
function inRow<Item extends Identified>(item: Item, rows: RowTimes): Item {
  const accepted_at = rows.get(item.identity.delivery_id);
  return accepted_at === undefined ? item : { ...item, identity: { ...item.identity, accepted_at } };
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
