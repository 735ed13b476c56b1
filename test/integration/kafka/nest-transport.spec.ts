import { Controller, type INestApplication, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { EventPattern, Payload } from "@nestjs/microservices";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import {
  BatchingProducer,
  type ConsumedRecord,
  KafkaBatchServer,
  type KafkaBatchServerOptions,
  type WatermarkConsumer,
} from "@waggle/kafka";
import { Readiness } from "@waggle/service";
import { eventually } from "@waggle/testing";
import { client, committed, newTopic, silent, unique } from "./lab";

jest.setTimeout(60_000);

const kafka = client();
const producer = new BatchingProducer({ kafka, logger: silent });
const apps: INestApplication[] = [];

beforeAll(() => producer.connect());
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));
afterAll(() => producer.disconnect());

function serverOf(
  groupId: string,
  readiness: Readiness,
  more: Partial<KafkaBatchServerOptions> = {},
): KafkaBatchServer {
  return new KafkaBatchServer({
    kafka,
    groupId,
    logger: silent,
    limits: { records: 1_000, bytes: 10_000_000 },
    onFatal: (reason) => readiness.fail(reason),
    maxWaitMs: 50,
    ...more,
  });
}

/** An app with one controller, whose transports are running. */
async function appWith(controller: new () => object, ...servers: KafkaBatchServer[]): Promise<INestApplication> {
  @Module({ controllers: [controller] })
  class App {}
  const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false });
  apps.push(app);
  for (const strategy of servers) app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  return app;
}

describe("the Kafka transport of Nest", () => {
  it("gives a handler the batches of its topics, and commits what it is done with when the app closes", async () => {
    const [first, second] = [await newTopic(kafka), await newTopic(kafka)];
    const taken: ConsumedRecord[] = [];

    @Controller()
    class Taker {
      @EventPattern([first, second])
      take(@Payload() records: readonly ConsumedRecord[]): void {
        taken.push(...records);
        for (const record of records) setTimeout(() => record.done(), 100);
      }
    }

    const groupId = unique("group");
    const server = serverOf(groupId, new Readiness(() => undefined));
    const app = await appWith(Taker, server);
    await producer.send([first, first, second].map((topic) => ({ topic, key: null, value: topic })));
    await eventually("three records", () => taken.length === 3);
    expect(taken.map(({ value }) => String(value)).sort()).toEqual([first, first, second].sort());
    expect(server.unwrap<WatermarkConsumer | null>()?.out.records).toBeGreaterThanOrEqual(0);
    await app.close();
    apps.length = 0;
    expect([await committed(kafka, groupId, first), await committed(kafka, groupId, second)]).toEqual([[2], [1]]);
  });

  it("keeps the groups of one app apart by their transports", async () => {
    const [left, right] = [await newTopic(kafka), await newTopic(kafka)];
    const [LEFT, RIGHT] = [Symbol("left"), Symbol("right")];
    const taken = new Map<string, string[]>();
    const take = (side: string, records: readonly ConsumedRecord[]) => {
      taken.set(side, [...(taken.get(side) ?? []), ...records.map(({ topic }) => topic)]);
      for (const record of records) record.done();
    };

    @Controller()
    class Both {
      @EventPattern(left, LEFT)
      takeLeft(@Payload() records: readonly ConsumedRecord[]): void {
        take("left", records);
      }

      @EventPattern(right, RIGHT)
      takeRight(@Payload() records: readonly ConsumedRecord[]): void {
        take("right", records);
      }
    }

    const readiness = new Readiness(() => undefined);
    const [first, second] = [serverOf(unique("left"), readiness), serverOf(unique("right"), readiness)];
    first.transportId = LEFT;
    second.transportId = RIGHT;
    await appWith(Both, first, second);
    await producer.send([left, right, right].map((topic) => ({ topic, key: null, value: "x" })));
    await eventually("all records", () => taken.get("left")?.length === 1 && taken.get("right")?.length === 2);
    expect(Object.fromEntries(taken)).toEqual({ left: [left], right: [right, right] });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("a fault of the handler");
      },
    ],
    ["rejects", () => Promise.reject(new Error("a fault of the handler"))],
  ])("ends the process when a handler %s: its records would never be done", async (_how, fail) => {
    const topic = await newTopic(kafka);

    @Controller()
    class Failing {
      @EventPattern(topic)
      take(): unknown {
        return fail();
      }
    }

    const failures: string[] = [];
    const readiness = new Readiness((reason) => failures.push(reason));
    // Its record stays out for ever, so nothing may wait for it.
    await appWith(Failing, serverOf(unique("group"), readiness, { drained: async () => undefined }));
    await producer.send([{ topic, key: null, value: "x" }]);
    await eventually("the failure", () => !readiness.live);
    expect(failures).toEqual([`the handler of ${topic} failed`]);
  });
});
