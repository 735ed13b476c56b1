import { once } from "node:events";
import type { DirectoryRecord } from "@waggle/contracts";
import { createKafka, DirectoryTable, type KafkaLogger } from "@waggle/kafka";
import { directoryKey, thingOfKey } from "../../manage/directory-entry";
import { DirectoryTopic, type OpenDirectoryTopic } from "../../manage/ports";

type Kafka = ReturnType<typeof createKafka>;

/** The directory topic, read anew from its start whenever it is opened. */
export class KafkaDirectoryTopic extends DirectoryTopic {
  constructor(
    private readonly kafka: Kafka,
    private readonly logger: KafkaLogger,
  ) {
    super();
  }

  async open(over: AbortSignal): Promise<OpenDirectoryTopic> {
    let failure: Error | null = null;
    const table = new DirectoryTable({
      kafka: this.kafka,
      reader: "relay",
      logger: this.logger,
      onFatal: (reason) => {
        failure = new Error(reason);
      },
    });
    const stale = new Set<string>();
    table.onStale((key) => stale.add(key));
    let records = new Map<string, DirectoryRecord>();
    const stopCopying = table.onChange((record) => {
      if (record.entry === null) records.delete(directoryKey(record));
      else records.set(directoryKey(record), record);
    });
    const started = table.start();
    try {
      await unlessOver(started, over);
    } catch (error) {
      const stop = () => table.stop().catch(() => undefined);
      // Told at once, and again when it has started: what is stopped while it starts may run afterwards.
      await stop();
      started.then(stop, stop);
      throw error;
    }
    stopCopying();
    return {
      highestVersion: table.highestVersion,
      takeRecords() {
        const taken = records;
        records = new Map();
        return taken;
      },
      takeStale() {
        if (failure) throw failure;
        const keys = [...stale];
        stale.clear();
        return keys.map(thingOfKey);
      },
      close: () => table.stop(),
    };
  }
}

/** Reading waits for Kafka as long as it takes, unless this is nobody's turn any more. */
async function unlessOver(started: Promise<void>, over: AbortSignal): Promise<void> {
  over.throwIfAborted();
  const settled = new AbortController();
  const ended = once(over, "abort", { signal: settled.signal }).then(() => over.throwIfAborted());
  ended.catch(() => undefined);
  try {
    await Promise.race([started, ended]);
  } finally {
    settled.abort();
  }
}
