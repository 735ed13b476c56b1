import type { InboundEntry, InboundMail } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { InboundAddresses, MailLog } from "../ports";
import { MailAcceptor } from "./mail-acceptor";
import type { Recipient } from "./recipient";

class TwoTenants extends InboundAddresses {
  find(hash: string): InboundEntry | null {
    const tenant_id = { a1: "ten_a", b1: "ten_b" }[hash];
    return tenant_id === undefined ? null : { version: 1, deleted: false, hash, tenant_id };
  }
}

class MemoryMailLog extends MailLog {
  readonly appended: InboundMail[][] = [];
  readonly keys: (string | null)[] = [];

  constructor(private readonly outcome: Promise<void> = Promise.resolve()) {
    super();
  }

  append(mails: readonly InboundMail[], keyId: string | null): Promise<void> {
    this.appended.push([...mails]);
    this.keys.push(keyId);
    return this.outcome;
  }
}

function acceptor(log: MailLog): MailAcceptor {
  let made = 0;
  const newEventId = (now: number) => `evt_${now}_${++made}`;
  return new MailAcceptor({ addresses: new TwoTenants(), log, domain: "in.acme.com", now: () => 1_000, newEventId });
}

const recipient = (hash: string, tenant_id: string): Recipient => ({ hash, tenant_id, address: `${hash}@in.acme.com` });
const raw = Buffer.from("Subject: x\r\n\r\n");

describe("MailAcceptor", () => {
  it("writes one mail for each recipient in one piece, and returns their ids in order", async () => {
    const log = new MemoryMailLog();
    const recipients = [recipient("a1", "ten_a"), recipient("b1", "ten_b")];
    const ids = await acceptor(log).accept({ door: "smtp", sender: "s@example.com", recipients, keyId: null }, raw);
    expect(ids).toEqual(["evt_1000_1", "evt_1000_2"]);
    const common = { accepted_at: 1_000, sender: "s@example.com", bounce: false, door: "smtp", raw };
    expect(log.appended).toEqual([
      [
        { id: "evt_1000_1", tenant_id: "ten_a", hash: "a1", recipient: "a1@in.acme.com", ...common },
        { id: "evt_1000_2", tenant_id: "ten_b", hash: "b1", recipient: "b1@in.acme.com", ...common },
      ],
    ]);
  });

  it("tells of the API key a message came with", async () => {
    const log = new MemoryMailLog();
    const recipients = [recipient("a1", "ten_a")];
    await acceptor(log).accept({ door: "http", sender: null, recipients, keyId: "key_1" }, raw);
    expect(log.keys).toEqual(["key_1"]);
  });

  it("marks what the null sender sent as a bounce, and only that", async () => {
    const log = new MemoryMailLog();
    const recipients = [recipient("a1", "ten_a")];
    await acceptor(log).accept({ door: "smtp", sender: "", recipients, keyId: null }, raw);
    await acceptor(log).accept({ door: "http", sender: null, recipients, keyId: null }, raw);
    expect(log.appended.flat().map(({ sender, bounce }) => [sender, bounce])).toEqual([
      [null, true],
      [null, false],
    ]);
  });

  it("writes nothing of a message that is too large for its many recipients", async () => {
    const log = new MemoryMailLog();
    const recipients = Array.from({ length: 49 }, () => recipient("a1", "ten_a"));
    const mib = Buffer.alloc(1_048_576);
    const accept = (count: number) =>
      acceptor(log).accept({ door: "smtp", sender: "", recipients: recipients.slice(0, count), keyId: null }, mib);
    await expect(accept(49)).rejects.toMatchObject({ code: "payload_too_large" });
    expect(log.appended).toEqual([]);
    await expect(accept(48)).resolves.toHaveLength(48);
  });

  it("hands on that the log did not acknowledge", async () => {
    const log = new MemoryMailLog(Promise.reject(new WaggleError("kafka_unavailable", "not in time")));
    const recipients = [recipient("a1", "ten_a")];
    await expect(
      acceptor(log).accept({ door: "smtp", sender: "", recipients, keyId: null }, raw),
    ).rejects.toMatchObject({
      code: "kafka_unavailable",
    });
  });

  it("knows a tenant's own addresses, and nobody else's", () => {
    const addressOf = (tenant: string, hash: string) => acceptor(new MemoryMailLog()).addressOf(tenant, hash);
    expect(addressOf("ten_a", "a1")).toEqual(recipient("a1", "ten_a"));
    expect(addressOf("ten_a", "b1")).toBeNull();
    expect(addressOf("ten_a", "c1")).toBeNull();
  });
});
