/**
 * `node run-typescript.cjs member.ts <options as JSON>`: a member of a consumer group in a process of its own, to be
 * killed or frozen. Prints a JSON line for every record it is handed and for every one it has finished, and
 * whether it believes to be a member whenever that changes. `finish` on stdin finishes what it has been handed so far
 * and from now on; with `workMs` it finishes by itself after that long.
 */
import { createInterface } from "node:readline";
import { type ConsumedRecord, createKafka, WatermarkConsumer } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { z } from "zod";

const options = z
  .object({
    brokers: z.array(z.string()),
    groupId: z.string(),
    topic: z.string(),
    sessionTimeoutMs: z.number(),
    workMs: z.number().nullable(),
    memberFile: z.string().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const logger = createLogger("member", "silent");
const kafka = createKafka({ brokers: options.brokers, ssl: false, sasl: null, clientId: "member", logger });
const unfinished = new Set<ConsumedRecord>();
let finishes = false;

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function finish(record: ConsumedRecord): void {
  unfinished.delete(record);
  // Told before it is done, as any output is.
  tell({ finished: record.offset, partition: record.partition });
  record.done();
}

const consumer = new WatermarkConsumer({
  kafka,
  groupId: options.groupId,
  topics: [options.topic],
  logger,
  limits: { records: 500, bytes: 10_000_000 },
  sessionTimeoutMs: options.sessionTimeoutMs,
  maxWaitMs: 50,
  ...(options.memberFile === undefined ? {} : { memberFile: options.memberFile }),
  onFatal: (reason) => tell({ failed: reason }),
  onRecords(records) {
    for (const record of records) {
      tell({ handed: record.offset, partition: record.partition });
      unfinished.add(record);
      if (finishes) finish(record);
      else if (options.workMs !== null) setTimeout(() => finish(record), options.workMs * Math.random());
    }
  },
});

createInterface({ input: process.stdin })
  .on("line", () => {
    finishes = true;
    for (const record of [...unfinished]) finish(record);
  })
  .on("close", () => process.exit());

let wasMember = false;
setInterval(() => {
  const isMember = consumer.isMember(Date.now());
  if (isMember !== wasMember) tell({ isMember });
  wasMember = isMember;
}, 10);

void consumer.start();
