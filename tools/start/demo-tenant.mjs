import { waitUntil } from "../process/wait-until.mjs";

/** @typedef {import("./management-api.mjs").ManagementApi} ManagementApi */
/** @typedef {import("./credentials.mjs").CredentialsFile} CredentialsFile */

/**
 * The tenant `demo` and its API key: those of the last start when the database still knows them, else new ones.
 * @param {ManagementApi} api
 * @param {{ adminToken: string, credentials: CredentialsFile }} access
 * @returns {Promise<{ tenantId: string, apiKey: string }>}
 */
export async function demoTenant(api, { adminToken, credentials }) {
  const remembered = credentials.values;
  const tenantId = await existing(api, `/v1/tenants/${remembered.tenant_id}`, adminToken, remembered.tenant_id);
  const apiKey = tenantId && (await existing(api, "/v1/webhooks?limit=1", remembered.api_key, remembered.api_key));
  if (tenantId && apiKey) return { tenantId, apiKey };
  const id = tenantId ?? (await newTenant(api, adminToken));
  const key = await newKey(api, { adminToken, tenantId: id });
  credentials.remember({ tenant_id: id, api_key: key });
  return { tenantId: id, apiKey: key };
}

/**
 * @param {ManagementApi} api
 * @param {string} path
 * @param {string | undefined} token
 * @param {string | undefined} value what the path's answering 200 to the token proves
 */
async function existing(api, path, token, value) {
  if (value === undefined || token === undefined) return undefined;
  return (await api.call("GET", path, { token })).status === 200 ? value : undefined;
}

/**
 * @param {ManagementApi} api
 * @param {string} adminToken
 */
async function newTenant(api, adminToken) {
  const { id } = await api.need("POST", "/v1/tenants", { token: adminToken, body: { name: "demo" }, fields: ["id"] });
  return id;
}

/**
 * @param {ManagementApi} api
 * @param {{ adminToken: string, tenantId: string }} owner
 */
async function newKey(api, { adminToken, tenantId }) {
  const body = { name: "demo", scopes: ["publish", "manage"] };
  const path = `/v1/api-keys?tenant_id=${tenantId}`;
  const { key } = await api.need("POST", path, { token: adminToken, body, fields: ["key"] });
  return key;
}

/**
 * Waits until ingest knows the key; it learns of a new one through Kafka, within 5 s. An empty body is accepted by none.
 * @param {string} ingestUrl
 * @param {string} apiKey
 * @param {AbortSignal} signal
 */
export async function ingestAccepts(ingestUrl, apiKey, signal) {
  await waitUntil(
    async () => {
      const response = await fetch(`${ingestUrl}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
      });
      await response.body?.cancel();
      return response.status === 400;
    },
    { timeoutMs: 30_000, signal },
  );
}
