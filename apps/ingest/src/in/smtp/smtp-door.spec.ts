import { once } from "node:events";
import { connect } from "node:net";
import type { InboundEntry } from "@waggle/contracts";
import { createLogger } from "@waggle/service";
import { Registry } from "prom-client";
import { MailAcceptor } from "../../accept/mail/mail-acceptor";
import { MailMemory } from "../../accept/mail/mail-memory";
import { InboundAddresses, MailLog } from "../../accept/ports";
import { SmtpDoor, type SmtpOptions } from "./smtp-door";
import { SmtpReport } from "./smtp-report";

class NoAddresses extends InboundAddresses {
  find(): InboundEntry | null {
    return null;
  }
}

class NoLog extends MailLog {
  async append(): Promise<void> {}
}

function door(more: Partial<SmtpOptions> = {}): SmtpDoor {
  const domain = "in.localhost";
  const options = { host: "127.0.0.1", port: 0, domain, maxConnections: 10, maxConnectionsPerAddress: 10, tls: null };
  const ids = { now: () => 0, newEventId: () => "evt_1" };
  const acceptor = new MailAcceptor({ addresses: new NoAddresses(), log: new NoLog(), domain, ...ids });
  const report = new SmtpReport(new Registry(), createLogger("test", "silent"));
  return new SmtpDoor({ ...options, ...more }, { acceptor, memory: new MailMemory(0), report });
}

describe("SmtpDoor", () => {
  it("does not quietly leave out a certificate that it cannot read", async () => {
    const tls = { certFile: `${__dirname}/missing.crt`, keyFile: `${__dirname}/missing.key` };
    await expect(door({ tls }).open()).rejects.toThrow("missing.");
  });

  it("says so when its port is taken", async () => {
    const first = door();
    await first.open();
    await expect(door({ port: first.port }).open()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.beforeApplicationShutdown();
  });

  it("ends a session that goes on for too long, however much the client says", async () => {
    const opened = door({ sessionMs: 300 });
    await opened.open();
    const client = connect({ port: opened.port, host: "127.0.0.1" });
    let heard = "";
    client.on("data", (piece) => {
      heard += piece.toString();
      if (!heard.includes("421")) client.write("NOOP\r\n");
    });
    await once(client, "close");
    expect(heard).toContain("250 OK");
    expect(heard).toMatch(/421 4\.4\.2 the session took too long, connect again\r\n$/);
    await opened.beforeApplicationShutdown();
  });

  it("can be stopped before it was opened", async () => {
    await expect(door().beforeApplicationShutdown()).resolves.toBeUndefined();
  });
});
