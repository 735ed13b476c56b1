/** Tenants and webhooks of a bench, made through the management API as anybody would. */

/** @param {import("./stack.mjs").Stack} stack */
export async function createTenant(stack, name) {
  const tenant = await post(stack, stack.adminToken, "/v1/tenants", { name });
  const { key } = await post(stack, stack.adminToken, `/v1/api-keys?tenant_id=${tenant.id}`, {
    name: "bench",
    scopes: ["publish", "manage"],
  });
  return { id: tenant.id, key };
}

/** @param {import("./stack.mjs").Stack} stack @returns {Promise<{ id: string }>} */
export function createWebhook(stack, key, webhook) {
  return post(stack, key, "/v1/webhooks", { events: ["*"], ...webhook });
}

/** A change takes effect within 5 s (contract §4). */
export function inEffect() {
  return new Promise((resolve) => setTimeout(resolve, 5_000));
}

async function post(stack, token, path, body) {
  const response = await fetch(stack.managementUrl + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
