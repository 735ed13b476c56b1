import type { DirectoryRecord, WireRecord } from "@waggle/contracts";
import { directoryKey } from "../directory-entry";
import { DirectorySource, type DirectoryThing, type OpenDirectoryTopic, RecordPublisher } from "../ports";
import { reconcile } from "./reconcile";

type Entry = DirectoryRecord["entry"];

const tenant = (version: number, dialect: "hiveku" | "buzzmark" = "hiveku"): Entry => ({
  version,
  deleted: false,
  id: "ten_1",
  dialect,
  secrets: [],
});
const deleted = (version: number): Entry => ({ version, deleted: true, deleted_at: 5 });
const about = (entry: Entry, kind: "tenant" | "delivery" = "tenant", id = "ten_1") =>
  ({ kind, id, entry }) as DirectoryRecord;

class Source extends DirectorySource {
  readonly renewed: string[] = [];
  readonly buried: string[] = [];
  readonly remembered: string[] = [];
  raisedAbove = -1;

  constructor(
    private readonly all: readonly DirectoryRecord[],
    private readonly superseded: readonly string[],
  ) {
    super();
  }

  async raiseVersionsAbove(version: number): Promise<void> {
    this.raisedAbove = version;
  }
  async *records(): AsyncIterable<readonly DirectoryRecord[]> {
    yield this.all;
  }
  async renew(things: readonly DirectoryThing[]): Promise<void> {
    this.renewed.push(...things.map(directoryKey));
  }
  async bury(things: readonly DirectoryThing[]): Promise<void> {
    this.buried.push(...things.map(directoryKey));
  }
  async supersededAmong(deliveryIds: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(deliveryIds.filter((id) => this.superseded.includes(id)));
  }
  async forgetSuperseded(deliveryIds: readonly string[]): Promise<void> {
    this.buried.push(...deliveryIds.map((id) => directoryKey({ kind: "delivery", id })));
  }
  async rememberDeleted(deletions: readonly DirectoryThing[]): Promise<void> {
    this.remembered.push(...deletions.map(directoryKey));
  }
  async forgetDeleted(): Promise<boolean> {
    return false;
  }
}

class Published extends RecordPublisher {
  readonly keys: string[] = [];
  async publish(records: readonly WireRecord[]): Promise<void> {
    this.keys.push(...records.map(({ key }) => String(key)));
  }
}

async function reconciled(
  database: readonly DirectoryRecord[],
  topic: readonly DirectoryRecord[],
  superseded: readonly string[] = [],
) {
  const source = new Source(database, superseded);
  const published = new Published();
  const open: OpenDirectoryTopic = {
    highestVersion: Math.max(0, ...topic.map(({ entry }) => entry?.version ?? 0)),
    takeRecords: () => new Map(topic.map((record) => [directoryKey(record), record])),
    takeStale: () => [],
    close: async () => {},
  };
  const counts = await reconcile(open, source, published);
  const { renewed, buried, remembered, raisedAbove } = source;
  expect(counts).toEqual({ published: published.keys.length, renewed: renewed.length, buried: buried.length });
  return { published: published.keys, renewed, buried, remembered, raisedAbove };
}

const nothing = { published: [], renewed: [], buried: [], remembered: [] };
const KEY = ["tenant/ten_1"];

it.each<[string, Entry | undefined, Entry | undefined, object]>([
  ["the same is left alone", tenant(3), tenant(3), nothing],
  ["what Kafka lacks is published as it is", tenant(3), undefined, { ...nothing, published: KEY }],
  ["so is what it has at a lower version", tenant(3), tenant(2), { ...nothing, published: KEY }],
  ["and a deletion", deleted(3), tenant(2), { ...nothing, published: KEY }],
  ["what Kafka has at a higher version is renewed", tenant(3), tenant(4), { ...nothing, renewed: KEY }],
  ["so is what is another at the same version", tenant(3), tenant(3, "buzzmark"), { ...nothing, renewed: KEY }],
  ["and what is not deleted after all", tenant(3), deleted(4), { ...nothing, renewed: KEY }],
  ["what the database does not know is buried", undefined, tenant(4), { ...nothing, buried: KEY }],
  ["and a deletion it does not know is remembered", undefined, deleted(4), { ...nothing, remembered: KEY }],
])("%s", async (_, inDatabase, inTopic, expected) => {
  const records = (entry: Entry | undefined) => (entry === undefined ? [] : [about(entry)]);
  expect(await reconciled(records(inDatabase), records(inTopic))).toMatchObject(expected);
});

it("raises versions above the highest in the topic before it does anything", async () => {
  expect((await reconciled([], [about(tenant(7)), about(tenant(9), "tenant", "ten_2")])).raisedAbove).toBe(9);
});

it("buries what is said of rounds that the database, restored from an older state, knows nothing of", async () => {
  const superseded = (id: string) => about({ version: 1, deleted: false, id, min_round: 2 }, "delivery", id);
  const answer = await reconciled([], [superseded("dlv_known"), superseded("dlv_lost")], ["dlv_known"]);
  expect(answer).toMatchObject({ ...nothing, buried: ["delivery/dlv_lost"] });
});
