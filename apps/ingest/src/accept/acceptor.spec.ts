import type { ApiKeyEntry } from "@waggle/contracts";
import { type EmailEvent, WaggleError } from "@waggle/domain";
import fc from "fast-check";
import { Acceptor } from "./acceptor";
import { ApiKeys, EventLog } from "./ports";
import { submissionOf } from "./submission";

class NoKeys extends ApiKeys {
  find(): ApiKeyEntry | null {
    return null;
  }
}

class MemoryLog extends EventLog {
  readonly appended: EmailEvent[][] = [];
  readonly keys: string[] = [];

  constructor(private readonly outcome: Promise<void> = Promise.resolve()) {
    super();
  }

  append(events: readonly EmailEvent[], keyId: string): Promise<void> {
    this.appended.push([...events]);
    this.keys.push(keyId);
    return this.outcome;
  }
}

function acceptor(log: EventLog): Acceptor {
  let made = 0;
  return new Acceptor({ keys: new NoKeys(), log, now: () => 1_000, newEventId: () => `evt_${++made}` });
}

const PUBLISHER = { tenantId: "ten_1", keyId: "key_1" };
const good = { type: "open", data: { email_id: "m", to: "a@example.com" } };

describe("Acceptor", () => {
  it("writes all events of a request in one piece and returns their ids in order", async () => {
    const log = new MemoryLog();
    const ids = await acceptor(log).accept(PUBLISHER, submissionOf({ events: [good, { ...good, id: "mine" }, good] }));
    expect(ids).toEqual(["evt_1", "mine", "evt_2"]);
    expect(log.appended.map((events) => events.map(({ id }) => id))).toEqual([ids]);
  });

  it("stamps all events of a request with one time and the key's tenant, and says which key that was", async () => {
    const log = new MemoryLog();
    await acceptor(log).accept(PUBLISHER, submissionOf({ events: [good, good] }));
    expect(log.appended[0]).toMatchObject([
      { tenant_id: "ten_1", accepted_at: 1_000 },
      { tenant_id: "ten_1", accepted_at: 1_000 },
    ]);
    expect(log.keys).toEqual(["key_1"]);
  });

  it("writes nothing of a request in which anything is wrong, whatever it is", async () => {
    const wrong = fc.constantFrom<unknown>(
      { ...good, type: "nope" },
      { ...good, id: "" },
      { ...good, created_at: "today" },
      { ...good, extra: 1 },
      { ...good, data: { email_id: "m" } },
      { ...good, data: [] },
      null,
      [],
    );
    const property = fc.asyncProperty(fc.nat(5), wrong, fc.nat(5), async (before, bad, after) => {
      const log = new MemoryLog();
      const goods = (count: number) => Array.from({ length: count }, () => good);
      const events = [...goods(before), bad, ...goods(after)];
      await expect(acceptor(log).accept(PUBLISHER, submissionOf({ events }))).rejects.toBeInstanceOf(WaggleError);
      expect(log.appended).toEqual([]);
    });
    await fc.assert(property);
  });

  it("hands on that the log did not acknowledge", async () => {
    const log = new MemoryLog(Promise.reject(new WaggleError("kafka_unavailable", "not in time")));
    await expect(acceptor(log).accept(PUBLISHER, submissionOf(good))).rejects.toMatchObject({
      code: "kafka_unavailable",
    });
  });
});
