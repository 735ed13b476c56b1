/** @typedef {import("./management-api.mjs").ManagementApi} ManagementApi */
/** @typedef {import("./credentials.mjs").CredentialsFile} CredentialsFile */

/**
 * The demo tenant's webhook on the bundled receiver: the one of the last start, moved when the receiver's port has,
 * or a new one.
 * @param {ManagementApi} api
 * @param {{ apiKey: string, url: string, credentials: CredentialsFile }} demo
 * @returns {Promise<string>} its secret
 */
export async function demoWebhook(api, { apiKey: token, url, credentials }) {
  const remembered = credentials.values.demo_webhook_id;
  const path = `/v1/webhooks/${remembered}`;
  const known = remembered === undefined ? null : await api.call("GET", path, { token });
  if (known?.status !== 200) {
    const body = { url, events: ["*"], description: "demo receiver of npm start" };
    const { id, secret } = await api.need("POST", "/v1/webhooks", { token, body, fields: ["id", "secret"] });
    credentials.remember({ demo_webhook_id: id });
    return secret;
  }
  if (known.body.url !== url) await api.need("PATCH", path, { token, body: { url }, fields: [] });
  // Without a receiver it failed, and may have been disabled for it.
  if (known.body.status === "disabled") await api.need("POST", `${path}/enable`, { token, fields: [] });
  return (await api.need("GET", `${path}/secret`, { token, fields: ["secret"] })).secret;
}
