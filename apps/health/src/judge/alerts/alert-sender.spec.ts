import { WaggleError } from "@waggle/domain";
import { AlertSender } from "./alert-sender";
import { AlertQueue, MailServer, type WaitingMail } from "./ports";

const silent = { info: () => {}, warn: () => {} };

/** A queue of mails by when they are due, and a server that fails as often as `failures` says. */
function setUp(failures: number, createdAt = 0) {
  let time = 0;
  let left = failures;
  const away = { remove: false };
  const sent: number[] = [];
  const waiting = new Map<number, { mail: WaitingMail; due: number }>();
  const mail = { recipient: "ops@acme.com", subject: "s", text: "t", html: "h", tries: 0, created_at: createdAt };
  for (const id of [1, 2]) waiting.set(id, { mail: { ...mail, id }, due: 0 });
  class Queue extends AlertQueue {
    async take(now: number, until: number) {
      const due = [...waiting.values()].find((one) => one.due <= now);
      if (!due) return null;
      const taken = { ...due.mail };
      waiting.set(taken.id, { mail: { ...taken, tries: taken.tries + 1 }, due: until });
      return taken;
    }
    async postpone({ id }: WaitingMail, until: number) {
      const one = waiting.get(id);
      if (one) waiting.set(id, { ...one, due: until });
    }
    async remove({ id }: WaitingMail) {
      if (away.remove) throw new WaggleError("database_unavailable", "away");
      waiting.delete(id);
    }
  }
  class Server extends MailServer {
    async send({ id }: WaitingMail) {
      if (left-- > 0) throw Object.assign(new Error("550 no such user ops@acme.com"), { code: "EENVELOPE" });
      sent.push(id);
    }
  }
  const sender = new AlertSender({ queue: new Queue(), server: new Server(), now: () => time, logger: silent });
  return { sender, sent, waiting, away, at: (ms: number) => (time = ms) };
}

test("what waits is sent once, and goes", async () => {
  const { sender, sent, waiting } = setUp(0);
  await sender.sendDue();
  await sender.sendDue();
  expect(sent).toEqual([1, 2]);
  expect(waiting.size).toBe(0);
});

test("a mail that the server does not take is tried again later, and holds up no other", async () => {
  const { sender, sent, at } = setUp(1);
  await sender.sendDue();
  expect(sent).toEqual([2]);
  at(1_999);
  await sender.sendDue();
  expect(sent).toEqual([2]);
  at(2_000);
  await sender.sendDue();
  expect(sent).toEqual([2, 1]);
});

test("a mail that was sent while the queue is away is held for a while, and then sent again", async () => {
  const { sender, sent, waiting, away, at } = setUp(0);
  away.remove = true;
  await expect(sender.sendDue()).rejects.toMatchObject({ code: "database_unavailable" });
  expect(sent).toEqual([1]);
  away.remove = false;
  at(119_999);
  await sender.sendDue();
  expect(sent).toEqual([1, 2]);
  at(120_000);
  await sender.sendDue();
  expect(sent).toEqual([1, 2, 1]);
  expect(waiting.size).toBe(0);
});

test("a mail that could not be sent for days is given up", async () => {
  const { sender, sent, waiting, at } = setUp(2);
  at(3 * 86_400_000 + 1);
  await sender.sendDue();
  expect(sent).toEqual([]);
  expect(waiting.size).toBe(0);
});
