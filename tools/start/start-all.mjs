import { startReceiver } from "../demo/receiver.mjs";
import { fetchKafka } from "../stack/kafka/prepare.mjs";
import { appEnvironment, appNames, appService, reachableHost } from "./apps.mjs";
import { buildApps } from "./build.mjs";
import { CredentialsFile } from "./credentials.mjs";
import { prepareDataDir } from "./data-dir.mjs";
import { demoTenant, ingestAccepts } from "./demo-tenant.mjs";
import { demoWebhook } from "./demo-webhook.mjs";
import { directoryIsRead } from "./directory.mjs";
import { ManagementApi } from "./management-api.mjs";
import { requireFreePorts } from "./ports.mjs";
import { startKafka, startPostgres, storeAddresses } from "./stores.mjs";
import { together } from "./together.mjs";
import { createTopics } from "./topics.mjs";

/**
 * @typedef {object} Start
 * @property {import("./flags.mjs").Flags} flags
 * @property {import("./settings.mjs").Settings} settings
 * @property {import("./kept-stack.mjs").KeptStack} stack gets every service as it is started
 * @property {(line: string) => void} say
 */

/**
 * Brings the whole stack up.
 * @param {Start} start
 * @param {AbortSignal} signal
 * @returns {Promise<import("./announcement.mjs").Ready>} once an event published with its key is accepted
 */
export async function startAll(start, signal) {
  const { flags, settings, stack, say } = start;
  await requireFreePorts(settings, flags);
  if (settings.kafkaBrokers === undefined) await fetchKafka(signal, say);
  await prepareDataDir(settings.dataDir, {
    fresh: flags.fresh,
    ownsDatabase: settings.databaseUrl === undefined,
  });
  const credentials = new CredentialsFile(settings.dataDir);
  const { admin_token, secrets_keys, postgres_password: password } = credentials.values;
  const adminToken = settings.environment.ADMIN_TOKEN ?? admin_token;
  const secretsKeys = settings.environment.SECRETS_KEYS ?? secrets_keys;
  const surroundings = { ...storeAddresses(settings, credentials.values), adminToken, secretsKeys };

  say("Starting Kafka and PostgreSQL …");
  await together(signal, [buildApps, startKafka(settings, stack), startPostgres(settings, { stack, password })]);
  await createTopics(appEnvironment("topics", settings, surroundings), signal);
  say(`Starting ${appNames.join(", ")} …`);
  await together(
    signal,
    appNames.map((name) => {
      const service = appService(name, settings, appEnvironment(name, settings, surroundings));
      return (abort) => stack.start(name, service, abort);
    }),
  );

  const urls = addresses(settings);
  const api = new ManagementApi(urls.management_url, signal);
  const { tenantId, apiKey } = await demoTenant(api, { adminToken, credentials });
  if (flags.demo) await startDemo(start, { api, apiKey, credentials });
  await ingestAccepts(urls.ingest_url, apiKey, signal);
  const appUrls = /** @type {const} */ (["router", "dispatcher"]).map((name) => appUrl(settings, name));
  const directory = { healthUrl: urls.management_url, appUrls, env: appEnvironment("topics", settings, surroundings) };
  await directoryIsRead(directory, signal);
  return {
    ready: true,
    ...urls,
    admin_token: adminToken,
    tenant_id: tenantId,
    api_key: apiKey,
    kafka_brokers: surroundings.kafkaBrokers,
    database_url: surroundings.databaseUrl,
    pids: {
      kafka: stack.pid("kafka"),
      postgres: stack.pid("postgres"),
      ingest: stack.pid("ingest"),
      router: stack.pid("router"),
      dispatcher: stack.pid("dispatcher"),
      health: stack.pid("health"),
    },
  };
}

/**
 * @param {import("./settings.mjs").Settings} settings
 * @param {import("./ports.mjs").PortName} name
 */
function appUrl({ host, ports }, name) {
  return `http://${reachableHost(host)}:${ports[name]}`;
}

/** @param {import("./settings.mjs").Settings} settings */
function addresses({ host, ports }) {
  const reachable = reachableHost(host);
  return {
    ingest_url: `http://${reachable}:${ports.ingest}`,
    management_url: `http://${reachable}:${ports.health}`,
    grpc_address: `${reachable}:${ports.grpc}`,
    smtp_address: `${reachable}:${ports.smtp}`,
  };
}

/**
 * @param {Start} start
 * @param {{ api: ManagementApi, apiKey: string, credentials: CredentialsFile }} access
 */
async function startDemo({ settings: { ports }, say }, access) {
  const receiver = await startReceiver({ host: "127.0.0.1", port: ports.demo, print: say });
  receiver.verifyWith(await demoWebhook(access.api, { ...access, url: `http://127.0.0.1:${ports.demo}/` }));
}
