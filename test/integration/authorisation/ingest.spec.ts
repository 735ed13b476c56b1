import { testBrokers } from "@waggle/testing";
import { Broker } from "../ingest/broker";
import { type Answer, RunningIngest } from "../ingest/running-ingest";
import { anOpen, uniqueTenant } from "../ingest/valid-events";
import { unknownTwin } from "./unknown-twin";

jest.setTimeout(120_000);

const tenant = uniqueTenant();
const other = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;
let theirs: string;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  const key = await broker.addKey(tenant);
  theirs = await broker.addAddress(other);
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { key });
});
afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

/** Without what differs between any two answers. */
function lasting({ status, problem, headers: { date: _date, ...headers } }: Answer) {
  return { status, problem, headers };
}

const mail = (hash: string) =>
  ingest.publish("Subject: not yours\r\n\r\n", { path: `/v1/inbound/${hash}`, contentType: "message/rfc822" });

test("another tenant's inbound address is one that never was", async () => {
  const answer = lasting(await mail(theirs));
  expect(answer).toMatchObject({ status: 404, problem: { code: "not_found" } });
  expect(answer).toEqual(lasting(await mail(unknownTwin(theirs))));
  expect(await broker.storedMail(other)).toEqual([]);
});

test("an event is its key's tenant's, whatever it says", async () => {
  const event = anOpen();
  const named = await ingest.publish({ ...event, tenant_id: other });
  const unknown = await ingest.publish({ ...event, tenant_id: unknownTwin(other) });
  expect(lasting(named)).toMatchObject({ status: 422, problem: { code: "validation_failed" } });
  expect(lasting(named)).toEqual(lasting(unknown));
  const inQuery = await ingest.publish(event, { path: `/v1/events?tenant_id=${other}` });
  expect(lasting(inQuery)).toEqual(
    lasting(await ingest.publish(event, { path: `/v1/events?tenant_id=${unknownTwin(other)}` })),
  );
  const claiming = anOpen({}, { tenant_id: other, webhook_id: `wh_${other}` });
  expect(await ingest.publish(claiming)).toMatchObject({ status: 202 });
  expect(await broker.stored(other)).toEqual([]);
});
