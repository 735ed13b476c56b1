import { type DeliveryChange, foldChanges, inLockOrder } from "./fold";
import type { AttemptEntry, DeliveryEntry } from "./log-entry";
import type { LogTransaction } from "./ports";

/** Logs rounds that were begun: their rows and bodies. Again changes nothing. */
export async function recordDeliveries(log: LogTransaction, entries: readonly DeliveryEntry[]): Promise<void> {
  const changes = foldChanges(entries.map((entry) => changeBy(entry, 0)));
  if (changes.some(({ identity }) => identity.publisher_id)) await log.holdNewRows("shared");
  const placed = inRows(changes, await existingRows(log, changes));
  await log.mergeDeliveries(placed);
  const bodies = firstBodies(entries);
  await log.insertBodies(
    placed.map(({ identity: { delivery_id, accepted_at } }) => {
      return { delivery_id, accepted_at, body: bodies.get(delivery_id) ?? "" };
    }),
  );
}

/**
 * Logs tries and ends, and folds into their deliveries those that were not logged before: a replay counts nothing
 * twice. An end without a try has no row, and needs none: its state merges the same however often.
 */
export async function recordAttempts(log: LogTransaction, entries: readonly AttemptEntry[]): Promise<void> {
  const tries = [...new Map(entries.map((entry) => [entry.try_id, entry])).values()].filter(isTry);
  const inserted = await log.insertAttempts(tries);
  const changes = foldChanges([
    ...tries.filter(({ try_id }) => inserted.has(try_id)).map((entry) => changeBy(entry, 1)),
    ...entries.filter((entry) => !isTry(entry)).map((entry) => changeBy(entry, 0)),
  ]);
  let rows = await existingRows(log, changes);
  const missing = changes.filter(({ identity }) => identity.publisher_id && !rows.has(identity.delivery_id));
  if (missing.length > 0) {
    // A record of another copy may be making the row at this moment, under another day.
    await log.holdNewRows("exclusive");
    rows = new Map([...rows, ...(await existingRows(log, missing))]);
  }
  await log.mergeDeliveries(inRows(changes, rows));
}

/**
 * A publisher's own id may come again on another day, and then means the delivery that is there already. All other
 * deliveries have one `accepted_at` for ever, and nothing has to be looked for.
 */
async function existingRows(
  log: LogTransaction,
  changes: readonly DeliveryChange[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = changes.map(({ identity }) => identity).filter((identity) => identity.publisher_id);
  return wanted.length > 0 ? log.findRows(wanted) : new Map();
}

/** The changes, each addressed to the row that is there. */
function inRows(changes: readonly DeliveryChange[], rows: ReadonlyMap<string, number>): DeliveryChange[] {
  const placed = changes.map((change) => {
    const acceptedAt = rows.get(change.identity.delivery_id);
    return acceptedAt === undefined ? change : { ...change, identity: { ...change.identity, accepted_at: acceptedAt } };
  });
  return inLockOrder(placed);
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
