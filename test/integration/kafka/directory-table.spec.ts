import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type DirectoryRecord, encodeDirectoryRecord, TOPICS, WEBHOOK_DIRECTORY } from "@waggle/contracts";
import { BatchingProducer, DirectoryTable } from "@waggle/kafka";
import { aWebhookEntry, eventually, PrivateBroker, TopicTail } from "@waggle/testing";
import { ConfigResourceTypes } from "kafkajs";
import { ask, client, silent } from "./lab";

jest.setTimeout(120_000);

const root = join(__dirname, "../../..");

/** The program that creates the topics, as it is run before a first start. */
async function createTopics(brokers: readonly string[]): Promise<{ code: number; said: string }> {
  const program = [join(__dirname, "run-typescript.cjs"), join(root, "libs/kafka/src/create-topics.main.ts")];
  const environment = { PATH: process.env.PATH, KAFKA_BROKERS: brokers.join(","), KAFKA_REPLICATION: "1" };
  const child = spawn(process.execPath, program, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, "close");
  return { code, said };
}

describe("a broker that is new", () => {
  let broker: PrivateBroker;

  beforeAll(async () => {
    broker = await PrivateBroker.start();
  });
  afterAll(() => broker.close());

  describe("gets its topics by a program that", () => {
    it("creates all of them, and the second time nothing", async () => {
      expect(await createTopics(broker.brokers)).toEqual({ code: 0, said: "" });
      const topics = await ask(client(broker.brokers), (admin) => admin.listTopics());
      expect(topics).toEqual(expect.arrayContaining(TOPICS.map(({ name }) => name)));
      expect(await createTopics(broker.brokers)).toEqual({ code: 0, said: "" });
    });

    it("says what differs and exits 1", async () => {
      const topic = "dead.letters";
      await ask(client(broker.brokers), async (admin) => {
        await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
        const count = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;
        await eventually("five partitions", async () => (await count()) === 5);
      });
      const { code, said } = await createTopics(broker.brokers);
      expect(code).toBe(1);
      expect(said).toContain("dead.letters has 5 partitions, not 3");
    });
  });

  describe("has a directory that", () => {
    const tables: DirectoryTable[] = [];
    let producer: BatchingProducer;
    let version = 1;

    beforeAll(async () => {
      producer = new BatchingProducer({ kafka: client(broker.brokers), logger: silent });
      await producer.connect();
    });
    afterEach(() => Promise.all(tables.splice(0).map((table) => table.stop())));
    afterAll(() => producer.disconnect());

    function newTable(): DirectoryTable {
      const onFatal = (reason: string) => {
        throw new Error(reason);
      };
      const table = new DirectoryTable({ kafka: client(broker.brokers), reader: "test", logger: silent, onFatal });
      tables.push(table);
      return table;
    }

    /** The table once it has read all that was in the topic. */
    async function read(): Promise<DirectoryTable> {
      const table = newTable();
      await table.start();
      return table;
    }

    async function publish(...records: DirectoryRecord[]): Promise<void> {
      await producer.send(records.map(encodeDirectoryRecord));
    }

    function webhook(id: string, more: Parameters<typeof aWebhookEntry>[0] = {}): DirectoryRecord {
      return { kind: "webhook", id, entry: aWebhookEntry({ id, version: version++, ...more }) };
    }

    function deleted(kind: "webhook" | "tenant", id: string, at = version++): DirectoryRecord {
      return { kind, id, entry: { version: at, deleted: true, deleted_at: 1_000 } };
    }

    /** How many records are in the topic up to one of them. */
    async function stored(id: string): Promise<number> {
      const tail = await TopicTail.open(client(broker.brokers), [WEBHOOK_DIRECTORY]);
      await tail.until("the end", ({ key }) => String(key) === `webhook/${id}`);
      await tail.close();
      return tail.records.length;
    }

    it("is complete when there is nothing in it", async () => {
      const table = await read();
      expect([table.webhook("wh_1"), table.highestVersion, table.position]).toEqual([undefined, 0, 0]);
    });

    it("knows on start all that was written before, and soon what is written after", async () => {
      const many = Array.from({ length: 3_000 }, (_, n) => webhook(`wh_many_${n}`, { tenant_id: `ten_${n % 30}` }));
      for (let n = 0; n < many.length; n += 300) await publish(...many.slice(n, n + 300));
      const table = await read();
      for (const { id } of many) expect(table.webhook(id)?.id).toBe(id);
      expect(table.webhooksOfTenant("ten_7")).toHaveLength(100);
      expect(table.highestVersion).toBe(version - 1);
      const news: string[] = [];
      table.onChange(({ id }) => news.push(id));
      await publish(webhook("wh_new", { tenant_id: "ten_7" }));
      await eventually("the new webhook", () => table.webhook("wh_new"));
      expect(table.webhooksOfTenant("ten_7")).toHaveLength(101);
      expect(news).toEqual(["wh_new"]);
    });

    it("keeps of every thing the highest version, in whatever order they were written", async () => {
      const [older, newer] = [webhook("wh_order", { url: "https://old.example" }), webhook("wh_order")];
      const stale: string[] = [];
      const follower = await read();
      follower.onStale((key) => stale.push(key));
      await publish(newer, older);
      await publish(webhook("wh_after"));
      await eventually("the record behind them", () => follower.webhook("wh_after"));
      const table = await read();
      for (const one of [follower, table]) expect(one.webhook("wh_order")).toEqual(newer.entry);
      expect(stale).toEqual(["webhook/wh_order"]);
    });

    it("forgets what is deleted, says that it was, and says nothing of it after its tombstone", async () => {
      await publish(webhook("wh_gone", { tenant_id: "ten_gone" }), webhook("wh_stays", { tenant_id: "ten_gone" }));
      const table = await read();
      expect(table.webhooksOfTenant("ten_gone")).toHaveLength(2);
      await publish(deleted("webhook", "wh_gone"));
      await eventually("the deletion", () => table.isDeletedWebhook("wh_gone"));
      expect(table.webhook("wh_gone")).toBeUndefined();
      expect(table.webhooksOfTenant("ten_gone").map(({ id }) => id)).toEqual(["wh_stays"]);
      expect(table.deletions().get("webhook/wh_gone")).toBe(1_000);
      await publish({ kind: "webhook", id: "wh_gone", entry: null });
      await eventually("the tombstone", () => !table.isDeletedWebhook("wh_gone"));
      expect([table.webhook("wh_gone"), table.versions().has("webhook/wh_gone")]).toEqual([undefined, false]);
      expect((await read()).webhook("wh_gone")).toBeUndefined();
    });

    it("does not bring back what a late writer knows of before its deletion", async () => {
      const late = webhook("wh_late");
      await publish(deleted("webhook", "wh_late"), late);
      const table = await read();
      expect([table.webhook("wh_late"), table.isDeletedWebhook("wh_late")]).toEqual([undefined, true]);
      await publish({ kind: "webhook", id: "wh_late", entry: null }, late, webhook("wh_behind"));
      await eventually("the record behind it", () => table.webhook("wh_behind"));
      expect(table.webhook("wh_late")).toBeUndefined();
    });

    it("has tenants, keys, inbound addresses and rounds beside webhooks", async () => {
      const base = { deleted: false as const };
      await publish(
        {
          kind: "tenant",
          id: "ten_1",
          entry: { ...base, version: version++, id: "ten_1", dialect: "hiveku", secrets: [] },
        },
        {
          kind: "api-key",
          id: "hash",
          entry: {
            ...base,
            version: version++,
            id: "key_1",
            tenant_id: "ten_1",
            scopes: ["publish"],
            expires_at: null,
          },
        },
        { kind: "inbound", id: "in", entry: { ...base, version: version++, hash: "in", tenant_id: "ten_1" } },
        { kind: "delivery", id: "dlv", entry: { ...base, version: version++, id: "dlv", min_round: 3 } },
        deleted("tenant", "ten_2"),
      );
      const table = await read();
      expect(table.tenant("ten_1")?.dialect).toBe("hiveku");
      expect(table.apiKey("hash")?.id).toBe("key_1");
      expect(table.inbound("in")?.tenant_id).toBe("ten_1");
      expect([table.minRound("dlv"), table.minRound("another")]).toEqual([3, 0]);
      expect([table.tenant("ten_2"), table.apiKey("another")]).toEqual([undefined, undefined]);
    });

    it("goes on behind a record that nobody can read, and a listener that fails", async () => {
      await producer.send([
        { topic: WEBHOOK_DIRECTORY, key: "webhook/wh_bad", value: "not JSON" },
        { topic: WEBHOOK_DIRECTORY, key: "nonsense", value: "{}" },
      ]);
      const table = newTable();
      table.onChange(() => {
        throw new Error("a listener's own fault");
      });
      await table.start();
      await publish(webhook("wh_good"));
      await eventually("the good record", () => table.webhook("wh_good"));
    });

    it("is complete also where compaction has removed most of it, its beginning included", async () => {
      const often = Array.from({ length: 500 }, (_, n) => webhook(`wh_often_${n % 5}`));
      await publish(...often, webhook("wh_end"));
      const written = await stored("wh_end");
      await ask(client(broker.brokers), (admin) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: ConfigResourceTypes.TOPIC,
              name: WEBHOOK_DIRECTORY,
              configEntries: Object.entries({
                "cleanup.policy": "compact",
                "max.message.bytes": "1048576",
                "segment.ms": "100",
                "min.cleanable.dirty.ratio": "0.001",
              }).map(([name, value]) => ({ name, value })),
            },
          ],
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      // Only what is no longer appended to is compacted.
      await publish(webhook("wh_last"));
      await eventually("compaction", async () => (await stored("wh_last")) < written, 60_000);
      const table = await read();
      expect(often.slice(-5).map(({ id }) => table.webhook(id))).toEqual(often.slice(-5).map(({ entry }) => entry));
      expect(table.webhook("wh_last")).toBeDefined();
    });

    it("is read on from where it was by the same process when the broker comes back", async () => {
      const table = await read();
      const news: string[] = [];
      table.onChange(({ id }) => news.push(id));
      await broker.kill();
      await broker.start();
      await publish(webhook("wh_after_restart"));
      await eventually("the new webhook", () => table.webhook("wh_after_restart"), 60_000);
      expect(news).toEqual(["wh_after_restart"]);
    });
  });
});
