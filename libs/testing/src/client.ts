import type { RunningStack } from "./running-stack";

export interface Reply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A tenant of a running stack, as its own programs see it: publishes and manages with its API key. */
export class TenantClient {
  private constructor(
    private readonly stack: RunningStack,
    readonly tenantId: string,
    readonly apiKey: string,
  ) {}

  /** Creates a tenant with a key for both scopes. */
  static async create(stack: RunningStack, tenant: Readonly<Record<string, unknown>>): Promise<TenantClient> {
    const admin = new TenantClient(stack, "", stack.ready.admin_token);
    const created = await admin.manage("POST", "/v1/tenants", tenant);
    const tenantId = String(created.body.id);
    const scopes = ["publish", "manage"];
    const key = await admin.manage("POST", `/v1/api-keys?tenant_id=${tenantId}`, { name: "test", scopes });
    if (typeof key.body.key !== "string") throw new Error(`no key: ${JSON.stringify(key.body)}`);
    const tenantClient = new TenantClient(stack, tenantId, key.body.key);
    await stack.settled();
    return tenantClient;
  }

  /** Creates a webhook and waits until it is in effect everywhere. */
  async createWebhook(webhook: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const { status, body } = await this.manage("POST", "/v1/webhooks", webhook);
    if (status !== 201) throw new Error(`no webhook: ${JSON.stringify(body)}`);
    await this.stack.settled();
    return body;
  }

  /** What the log has under a filter, newest first: the first page. */
  async deliveries(query = ""): Promise<Record<string, unknown>[]> {
    const { body } = await this.manage("GET", `/v1/deliveries?${query}`);
    return Array.isArray(body.items) ? body.items : [];
  }

  /** A request to the management API. */
  async manage(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.request(this.stack.ready.management_url + path, method, body);
  }

  /** A request to ingest: one event, or whatever the body is. */
  async publish(body: unknown): Promise<Reply> {
    return this.request(`${this.stack.ready.ingest_url}/v1/events`, "POST", body);
  }

  private async request(url: string, method: string, body: unknown): Promise<Reply> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === "" ? {} : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: asRecord(parsed) };
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
