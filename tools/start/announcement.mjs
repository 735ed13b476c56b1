/**
 * @typedef {object} Ready what a running stack can be used with; the fields and their order are those of `--json`
 * @property {true} ready
 * @property {string} ingest_url
 * @property {string} management_url
 * @property {string} grpc_address
 * @property {string} smtp_address
 * @property {string} admin_token
 * @property {string} tenant_id
 * @property {string} api_key
 * @property {string} kafka_brokers
 * @property {string} database_url
 * @property {Record<import("./kept-stack.mjs").ServiceName, number | null>} pids
 */

/**
 * What is printed for people once all is ready.
 * @param {Ready} ready
 * @param {string} dataDir
 */
export function announcement(ready, dataDir) {
  const event = { type: "delivery", data: { email_id: "msg_1", to: "customer@example.com", subject: "Your order" } };
  return `
  Publish       ${ready.ingest_url}
  Manage        ${ready.management_url}
  gRPC          ${ready.grpc_address}
  SMTP          ${ready.smtp_address}
  API key       ${ready.api_key}  (tenant ${ready.tenant_id})
  Admin token   ${ready.admin_token}
  Data, logs    ${dataDir}

  Publish an event:
  curl -sS ${ready.ingest_url}/v1/events -H 'Authorization: Bearer ${ready.api_key}' -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'

waggle is ready
`;
}
