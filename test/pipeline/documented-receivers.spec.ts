import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually, freePort, RunningStack, TenantClient } from "@waggle/testing";

jest.setTimeout(180_000);

const events = [
  { type: "delivery", data: {} },
  { type: "bounce", data: { bounce_type: "hard", bounce_subtype: "general", diagnostic_code: "550 5.1.1" } },
  { type: "complaint", data: { complaint_type: "abuse", feedback_id: "fb_1" } },
  { type: "open", data: { ip_address: "203.0.113.9", user_agent: "Mail/1.0", timestamp: "2026-04-17T12:34:56Z" } },
  { type: "click", data: { url: "https://example.com/a?b=c", ip_address: "203.0.113.9" } },
].map(({ type, data }) => ({
  type,
  data: {
    email_id: `msg_${type}`,
    to: "customer@example.com",
    subject: "Ünïcode ✓ \u2028",
    tags: ["welcome"],
    ...data,
  },
}));

describe("the receivers that the two products document", () => {
  let stack: RunningStack;

  beforeAll(async () => {
    stack = await RunningStack.start();
  });
  afterAll(async () => {
    expect(await stack.stop()).toBe(0);
  });

  it("of Hiveku accepts every one of the five events", async () => {
    const tenant = await TenantClient.create(stack, { name: "hiveku" });
    const port = await freePort();
    const { secret } = await tenant.createWebhook({ url: `http://127.0.0.1:${port}/webhooks/hiveku`, events: ["*"] });
    const receiver = await DocumentedReceiver.start("hiveku.mjs", port, {
      HIVEKU_WEBHOOK_SECRET: String(secret),
    });
    await publishAll(tenant);
    await everyDeliveryIs("delivered", tenant);
    expect(receiver.lines.map((line) => JSON.parse(line).type).sort()).toEqual(events.map(({ type }) => type).sort());
    await receiver.stop();
  });

  it("of Buzzmark accepts every one of the five events, on two webhooks with the hive's one secret", async () => {
    const tenant = await TenantClient.create(stack, { name: "buzzmark", dialect: "buzzmark" });
    const port = await freePort();
    const [first, second] = await Promise.all(
      ["/a", "/b"].map((path) => tenant.createWebhook({ url: `http://127.0.0.1:${port}${path}`, events: ["*"] })),
    );
    expect(first?.secret).toBe(second?.secret);
    const receiver = await DocumentedReceiver.start("buzzmark.mjs", port, {
      BUZZMARK_WEBHOOK_SECRET: String(first?.secret),
    });
    await publishAll(tenant);
    await everyDeliveryIs("delivered", tenant, 10);
    const got = receiver.lines.map((line) => JSON.parse(line).event).sort();
    const names = events.map(({ type }) => (type === "complaint" ? "spam_complaint" : type));
    expect(got).toEqual([...names, ...names].sort());
    await receiver.stop();
  });
});

async function publishAll(tenant: TenantClient): Promise<void> {
  const accepted = await tenant.publish({ events });
  expect(accepted.status).toBe(202);
}

async function everyDeliveryIs(status: string, tenant: TenantClient, count = events.length): Promise<void> {
  await eventually(
    `${count} deliveries to be ${status}`,
    async () => {
      const { body } = await tenant.manage("GET", `/v1/deliveries?status=${status}`);
      return Array.isArray(body.items) && body.items.length === count;
    },
    30_000,
  );
}

class DocumentedReceiver {
  readonly lines: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    let rest = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString("utf8")).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
    });
  }

  static async start(file: string, port: number, environment: Record<string, string>): Promise<DocumentedReceiver> {
    const child = spawn(process.execPath, [join(__dirname, "documented-receivers", file)], {
      env: { ...process.env, ...environment, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const receiver = new DocumentedReceiver(child);
    await eventually(`${file} to listen`, () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    );
    return receiver;
  }

  async stop(): Promise<void> {
    this.child.kill();
    await once(this.child, "exit");
  }
}
