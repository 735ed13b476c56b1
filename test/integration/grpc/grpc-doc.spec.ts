import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { PROBLEM_CODES } from "@waggle/contracts";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { grpcStatus } from "../../../apps/health/src/in/grpc/rpc-problem";
import { RunningHealth } from "../manage/running-health";
import { ReflectedClient } from "./reflected-client";

jest.setTimeout(30_000);

const page = readFileSync(`${__dirname}/../../../docs/grpc.md`, "utf8");

/** Calls of the page, as grpcurl makes them: what is sent, and the method. */
const examples = [...page.matchAll(/^grpcurl [^']*-d '([^']+)' \\?\s*127\.0\.0\.1:4050 (\S+)$/gm)].map(
  ([, sent = "", method = ""]) => ({ sent, method }),
);

let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  rpc = await ReflectedClient.connect(health.grpcAddress, (await health.tenant()).key);
});
afterAll(async () => {
  rpc.close();
  await health.stop();
  await database.drop();
});

test("what docs/grpc.md shows works, in its order", async () => {
  expect(examples.map(({ method }) => method)).toEqual([
    "waggle.v1.Webhooks/Create",
    "waggle.v1.Webhooks/Update",
    "waggle.v1.Deliveries/Watch",
    "grpc.health.v1.Health/Check",
  ]);
  let id = "";
  for (const { sent, method } of examples) {
    const request = JSON.parse(sent.replace("$ID", id));
    if (method.endsWith("/Watch")) {
      // There is no Kafka here: far enough to know that the webhook was found.
      expect(await rpc.stream(method, request).end()).toMatchObject({ status: "UNAVAILABLE" });
      continue;
    }
    const { webhook } = await rpc.expect(method, request);
    if (webhook) id = String(Object(webhook).id);
  }
  const { webhook } = await rpc.expect("Webhooks/Get", { id });
  expect(webhook).toMatchObject({ description: "CRM", max_per_second: 100 });
  expect(webhook).not.toHaveProperty("retry_delays_s");
});

test("docs/grpc.md gives every reason its status", () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)];
  const documented = rows.flatMap(([, name, reasons = ""]) =>
    [...reasons.matchAll(/`(\w+)`/g)].map(([, reason]) => [reason, name]),
  );
  const answered = PROBLEM_CODES.map((code) => [code, status[grpcStatus(code)]]);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(answered));
});
