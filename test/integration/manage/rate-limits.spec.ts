import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { type Answer, RunningHealth } from "./running-health";

const BURST = 20;

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  // As slow as it gets: what a busy machine takes longer for is refilled meanwhile.
  health = await RunningHealth.withoutKafka(database.url, {
    RATE_LIMIT_PER_SECOND: "1",
    RATE_LIMIT_BURST: String(BURST),
  });
  tenant = await health.tenant();
});
afterEach(() => health.stop());
afterAll(() => database.drop());

async function times(count: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i++) answers.push(await ask());
  return answers;
}

/** Asks until a request is refused. */
async function untilLimited(ask: () => Promise<Answer>): Promise<Answer> {
  const answers = await times(BURST, ask);
  for (;;) {
    const answer = await ask();
    if (answer.status === 429) return answer;
    answers.push(answer);
    if (answers.length > 10 * BURST) throw new Error("nothing is refused");
  }
}

const list = (token: string | null) => () => health.ask("GET", "/v1/webhooks", { token });

it("says in every answer what an API key may do and what is left", async () => {
  const [first, second] = await times(2, list(tenant.key));
  for (const answer of [first, second]) {
    expect(answer?.headers.get("ratelimit-policy")).toBe(`"key";q=${BURST};w=${BURST}`);
    expect(answer?.headers.get("retry-after")).toBeNull();
  }
  const left = (answer: Answer | undefined) =>
    Number(/^"key";r=(\d+);t=\d+$/.exec(answer?.headers.get("ratelimit") ?? "")?.[1]);
  expect(left(first)).toBeLessThanOrEqual(BURST - 1);
  expect(left(second)).toBeLessThanOrEqual(left(first));

  const wrong = await health.ask("PATCH", "/v1/webhooks/wh_0", { token: tenant.key, body: { nope: 1 } });
  expect(wrong.status).toBeGreaterThanOrEqual(400);
  expect(wrong.headers.get("ratelimit")).toMatch(/^"key";r=\d+;t=\d+$/);
});

it("refuses an API key that sends too much and says when to go on; other keys and the operator go on", async () => {
  const other = await health.key(tenant.id, ["manage"]);
  const refused = await untilLimited(list(tenant.key));
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited", status: 429 } });
  expect(refused.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("ratelimit")).toBe('"key";r=0;t=1');
  expect(await list(other)()).toMatchObject({ status: 200 });
  const ofOperator = await times(2 * BURST, () => health.ask("GET", "/v1/tenants"));
  expect(new Set(ofOperator.map(({ status }) => status))).toEqual(new Set([200]));
  expect(ofOperator[0]?.headers.get("ratelimit")).toBeNull();
});

it("lets a key go on after the time it was told to wait", async () => {
  const refused = await untilLimited(list(tenant.key));
  await new Promise((resolve) => setTimeout(resolve, Number(refused.headers.get("retry-after")) * 1_000));
  expect(await list(tenant.key)()).toMatchObject({ status: 200 });
});

it("refuses what has no valid token by its address, but not who was let in from there before", async () => {
  const unknown = `wag_${"x".repeat(40)}`;
  expect(await list(tenant.key)()).toMatchObject({ status: 200 });
  const first = await list(null)();
  expect(first.status).toBe(401);
  expect(first.headers.get("ratelimit")).toMatch(/^"address";r=\d+;t=\d+$/);

  const refused = await untilLimited(list(unknown));
  expect(refused.body).toMatchObject({ code: "rate_limited" });
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await list(tenant.key)()).toMatchObject({ status: 200 });
});
