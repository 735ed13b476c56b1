import { createServer, type ServerResponse } from "node:http";
import { createEgressPolicy, createGuardedConnector, type GuardedConnectorOptions } from "@waggle/egress";
import { Pool } from "undici";
import { type LoopbackListener, listen } from "../integration/egress/loopback-listener";

/**
 * Sockets are ended by age from the outside: libs/egress learns from undici's ref() and unref() calls on the socket
 * whether a request is in flight. These tests fail when an undici upgrade stops making those calls.
 */
const policy = createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: ["127.0.0.1/32"] });

let receiver: LoopbackListener;
let pool: Pool;
let answer: (response: ServerResponse) => void;

async function start(lifetime: GuardedConnectorOptions): Promise<void> {
  answer = (response) => response.end("ok");
  const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => answer(response));
  receiver = await listen(server);
  const connect = createGuardedConnector(policy, lifetime);
  pool = new Pool(`http://127.0.0.1:${receiver.port}`, { connect, connections: 1, keepAliveTimeout: 60_000 });
}

afterEach(async () => {
  await pool.destroy();
  await receiver.close();
});

const post = async (): Promise<string> => {
  const response = await pool.request({ method: "POST", path: "/", body: "{}" });
  return response.body.text();
};

test("an idle socket is closed at its age, and the next request opens another", async () => {
  await start({ socketRetireAfterMs: 100 });
  await post();
  await post();
  expect(receiver.connections()).toBe(1);
  await receiver.allClosed();
  await expect(post()).resolves.toBe("ok");
  expect(receiver.connections()).toBe(2);
});

test("a request in flight at that age ends well, and its socket is closed right after", async () => {
  await start({ socketRetireAfterMs: 50 });
  answer = (response) => setTimeout(() => response.end("late"), 200);
  await expect(post()).resolves.toBe("late");
  await receiver.allClosed();
  expect(receiver.connections()).toBe(1);
});

test("a socket that is never idle is replaced too, without failing a request", async () => {
  await start({ socketRetireAfterMs: 100 });
  answer = (response) => setTimeout(() => response.end("ok"), 5);
  const requests = Array.from({ length: 80 }, post);
  await expect(Promise.all(requests)).resolves.toEqual(requests.map(() => "ok"));
  expect(receiver.connections()).toBeGreaterThanOrEqual(3);
});

test("a socket past its last age is ended even with a request in flight", async () => {
  await start({ socketRetireAfterMs: 50, socketMaxAgeMs: 150 });
  answer = () => undefined;
  await expect(post()).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
});
