import { setTimeout as sleep } from "node:timers/promises";
import { testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

describe("the SMTP server that is stopped", () => {
  it("sends the idle away, finishes what is being received, and lets nobody in", async () => {
    const broker = await Broker.at(testBrokers());
    const tenant = uniqueTenant();
    const address = `${await broker.addAddress(tenant)}@in.localhost`;
    const ingest = await RunningIngest.start({ brokers: testBrokers() });
    const port = ingest.smtpPort;
    const [idle, between, within] = [await SmtpClient.at(port), await SmtpClient.at(port), await SmtpClient.at(port)];
    await between.envelope([address]);
    await within.envelope([address]);
    expect(await within.say("DATA")).toMatch(/^354/);
    within.send("Subject: finished\r\n\r\nfirst half, ");

    const stopped = ingest.stop();
    expect(await idle.reply()).toMatch(/^421 4\.3\.2 /);
    expect(await between.reply()).toMatch(/^421 4\.3\.2 /);
    await Promise.all([idle.closed(), between.closed()]);
    expect(await SmtpClient.silent(port).reply()).toBe("");
    await sleep(100);
    within.send("second half\r\n.\r\n");
    expect(await within.reply()).toMatch(/^250 /);
    expect(await within.reply()).toMatch(/^421 4\.3\.2 /);
    await within.closed();
    await stopped;

    const stored = await broker.storedMail(tenant);
    expect(stored.map(({ raw }) => String(raw))).toEqual(["Subject: finished\r\n\r\nfirst half, second half\r\n"]);
    await broker.close();
  });
});
