import { isDeepStrictEqual } from "node:util";
import { type DirectoryKind, type DirectoryRecord, encodeDirectoryRecord } from "@waggle/contracts";
import { directoryKey } from "../directory-entry";
import type {
  DirectoryDeleted,
  DirectorySource,
  DirectoryThing,
  OpenDirectoryTopic,
  Reconciliation,
  RecordPublisher,
} from "../ports";
import { inBatches } from "./in-batches";

/** What the database is the source of: only of these does it follow that what it does not know is gone. */
const MANAGED: ReadonlySet<DirectoryKind> = new Set<DirectoryKind>(["tenant", "api-key", "webhook", "inbound"]);

/**
 * Makes the topic say what the database says, after a new Kafka or a restored database: what the topic lacks or has
 * at a lower version is published as it is; what it has otherwise at the same or a higher version gets a new one;
 * what the database does not know is buried. Afterwards every new version is higher than any in the topic.
 */
export async function reconcile(
  topic: OpenDirectoryTopic,
  source: DirectorySource,
  publisher: RecordPublisher,
): Promise<Reconciliation> {
  const counts = { published: 0, renewed: 0 };
  await source.raiseVersionsAbove(topic.highestVersion);
  const published = topic.takeRecords();
  const unknown = new Map([...published].filter(([, { kind }]) => MANAGED.has(kind)));
  for await (const page of source.records()) {
    const lacking: DirectoryRecord[] = [];
    const contradicting: DirectoryThing[] = [];
    for (const record of page) {
      const key = directoryKey(record);
      unknown.delete(key);
      const verdict = compare(record, published.get(key));
      if (verdict === "lacking") lacking.push(record);
      if (verdict === "contradicting") contradicting.push(record);
    }
    for (const batch of inBatches(lacking.map(encodeDirectoryRecord))) await publisher.publish(batch);
    if (contradicting.length > 0) await source.renew(contradicting);
    counts.published += lacking.length;
    counts.renewed += contradicting.length;
  }
  const { deletions, living } = split([...unknown.values()]);
  if (deletions.length > 0) await source.rememberDeleted(deletions);
  if (living.length > 0) await source.bury(living);
  const stray = await strayRounds(published, source);
  if (stray.length > 0) await source.forgetSuperseded(stray);
  return { ...counts, buried: living.length + stray.length };
}

/**
 * The deliveries of which the topic says that rounds are superseded, and a restored database knows nothing of that: the
 * next round it begins would be taken for one of them.
 */
async function strayRounds(
  published: ReadonlyMap<string, DirectoryRecord>,
  source: DirectorySource,
): Promise<readonly string[]> {
  const said = [...published.values()].filter(({ kind, entry }) => kind === "delivery" && entry !== null);
  const ids = said.map(({ id }) => id);
  const known = await source.supersededAmong(ids);
  return ids.filter((id) => !known.has(id));
}

type Verdict = "same" | "lacking" | "contradicting";

function compare(wanted: DirectoryRecord, published: DirectoryRecord | undefined): Verdict {
  if (!published?.entry || !wanted.entry || published.entry.version < wanted.entry.version) return "lacking";
  return isDeepStrictEqual(published.entry, wanted.entry) ? "same" : "contradicting";
}

function split(records: readonly DirectoryRecord[]): { deletions: DirectoryDeleted[]; living: DirectoryThing[] } {
  const deletions: DirectoryDeleted[] = [];
  const living: DirectoryThing[] = [];
  for (const { kind, id, entry } of records) {
    if (entry?.deleted) deletions.push({ kind, id, version: entry.version, deleted_at: entry.deleted_at });
    else if (entry) living.push({ kind, id });
  }
  return { deletions, living };
}
