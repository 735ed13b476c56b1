import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Database } from "@waggle/postgres";
import { createSecretBox } from "@waggle/secrets";
import { createLogger, loadConfig } from "@waggle/service";
import { RESEAL_EXIT, resealCommand } from "./in/cli/reseal-command";
import { PostgresSealedStore } from "./out/manage/sealed-store.postgres";

/** Counting goes over whole tables. */
const WORK_LIMIT_MS = 120_000;
const LOOKS_AT_THE_OUTBOX = 60;

/**
 * `npm run secrets:reseal [-- --dry-run]`, while everything runs. Exit codes: 0 nothing is sealed under another key
 * than the first of SECRETS_KEYS, 2 something still is, 1 it could not be done. Described in docs/secrets.md.
 */
async function run(): Promise<number> {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  const config = loadConfig(["DATABASE_URL", "SECRETS_KEYS"]);
  const logger = createLogger("reseal", "warn");
  const database = new Database({ url: config.DATABASE_URL, logger, poolSize: 1, workLimitMs: WORK_LIMIT_MS });
  try {
    return await resealCommand({
      store: new PostgresSealedStore(database),
      box: createSecretBox(config.SECRETS_KEYS),
      dryRun: values["dry-run"],
      say: (line) => void process.stdout.write(`${line}\n`),
      pause: sleep,
      looks: LOOKS_AT_THE_OUTBOX,
    });
  } finally {
    await database.close();
  }
}

run().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = RESEAL_EXIT.failed;
  },
);
