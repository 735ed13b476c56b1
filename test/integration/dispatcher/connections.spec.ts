import { createServer as createTlsServer } from "node:tls";
import type { UndiciSender } from "../../../apps/dispatcher/src/out/sender.undici";
import { type LoopbackListener, listen, startListener } from "../egress/loopback-listener";
import { startStuckListener } from "../egress/stuck-listener";
import { createSelfSigned } from "../egress/test-certificates";
import { aRequest, aSender, came, timed } from "./sending";
import { WireReceiver, type WireRequest } from "./wire-receiver";

const ok = ({ socket }: WireRequest) => {
  socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
};
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** undici takes a connection for free a turn of the event loop after the response. */
const freed = () => wait(20);

let sender: UndiciSender;
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
  sender = aSender();
});
afterEach(async () => {
  await sender.onApplicationShutdown();
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function receiving(answer: (request: WireRequest) => void): Promise<WireReceiver> {
  const receiver = await WireReceiver.start(answer);
  open.push(receiver);
  return receiver;
}

async function listening(starting: Promise<LoopbackListener>): Promise<LoopbackListener> {
  const listener = await starting;
  open.push(listener);
  return listener;
}

describe("a connection that cannot be made", () => {
  it("is refused, because nothing listens", async () => {
    const gone = await startListener();
    await gone.close();
    expect(came(await sender.send(aRequest(`http://127.0.0.1:${gone.port}/`)))).toBe("connection_refused");
  });

  it.each([
    ["an address that is not allowed", "http://10.0.0.1/"],
    ["a port that is not allowed", "http://127.0.0.1:6379/"],
    ["the metadata service", "http://169.254.169.254/latest"],
  ])("is refused before it is dialled: %s", async (_, url) => {
    const { response, ms } = await timed(sender.send(aRequest(url)));
    expect(came(response)).toBe("address_refused");
    expect(ms).toBeLessThan(1_000);
  });

  it("fails in DNS", async () => {
    const unknown = aSender({ lookup: () => Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" })) });
    expect(came(await unknown.send(aRequest("http://hooks.acme.com/")))).toBe("dns_failed");
  });

  it("fails in TLS: by the certificate, or because nobody there speaks TLS", async () => {
    const server = createTlsServer(createSelfSigned(["127.0.0.1"]));
    const selfSigned = await listening(listen(server));
    expect(came(await sender.send(aRequest(`https://127.0.0.1:${selfSigned.port}/`)))).toBe("tls_invalid_certificate");
    const plain = await listening(startListener((socket) => void socket.on("data", () => socket.write("hello\r\n"))));
    expect(came(await sender.send(aRequest(`https://127.0.0.1:${plain.port}/`)))).toBe("tls_handshake_failed");
  });

  it.each(["nonsense", "http://", "http://127.0.0.1:99999/"])("is a failed attempt when the URL is %s", async (url) => {
    expect(came(await sender.send(aRequest(url)))).toBe("connection_failed");
  });

  it("is a failed attempt when a header cannot be sent", async () => {
    const receiver = await receiving(ok);
    const request = aRequest(receiver.url, { headers: { "x-broken": "a\r\nb: c" } });
    expect(came(await sender.send(request))).toBe("connection_failed");
    expect(receiver.requests).toEqual([]);
  });
});

describe("the attempt's own deadline", () => {
  it.each([["a lookup", "http://hooks.acme.com/", { lookup: () => new Promise<never>(() => undefined) }]])(
    "covers %s",
    async (_, url, options) => {
      const { response, ms } = await timed(aSender(options).send(aRequest(url, { timeoutMs: 500 })));
      expect(came(response)).toBe("timeout");
      expect(ms).toBeLessThan(900);
    },
  );

  it("covers connecting", async () => {
    const stuck = await startStuckListener();
    open.push(stuck);
    const { response, ms } = await timed(sender.send(aRequest(`http://127.0.0.1:${stuck.port}/`, { timeoutMs: 500 })));
    expect(came(response)).toBe("timeout");
    expect(ms).toBeLessThan(900);
  });

  it("covers TLS", async () => {
    const silent = await listening(startListener());
    const { response, ms } = await timed(
      sender.send(aRequest(`https://127.0.0.1:${silent.port}/`, { timeoutMs: 500 })),
    );
    expect(came(response)).toBe("timeout");
    expect(ms).toBeLessThan(900);
  });

  it("covers their sum, and nothing is sent once it has passed", async () => {
    const receiver = await receiving(ok);
    const port = new URL(receiver.url).port;
    const slow = aSender({ lookup: () => wait(700).then(() => ["127.0.0.1"]) });
    const url = `http://hooks.acme.com:${port}/`;
    const { response, ms } = await timed(slow.send(aRequest(url, { timeoutMs: 500 })));
    expect(came(response)).toBe("timeout");
    expect(ms).toBeLessThan(690);
    await wait(500);
    expect(receiver.requests).toEqual([]);
    expect(came(await slow.send(aRequest(url, { timeoutMs: 5_000 })))).toBe(200);
    await slow.onApplicationShutdown();
  });

  it("covers sending a body that nobody reads", async () => {
    const deaf = await listening(startListener((socket) => void socket.pause()));
    const body = Buffer.alloc(12 * 1_048_576, "x");
    const { response, ms } = await timed(
      sender.send(aRequest(`http://127.0.0.1:${deaf.port}/`, { timeoutMs: 1_000, body })),
    );
    expect(came(response)).toBe("timeout");
    expect(ms).toBeLessThan(1_900);
  });
});

describe("a connection", () => {
  it("is used again, and by one request at a time", async () => {
    const receiver = await receiving(ok);
    for (let i = 0; i < 5; i++) {
      expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
      await freed();
    }
    expect(receiver.connections).toBe(1);
    await Promise.all(Array.from({ length: 10 }, () => sender.send(aRequest(receiver.url))));
    expect(receiver.connections).toBe(10);
    expect(receiver.requests).toHaveLength(15);
  });

  it("is replaced when the receiver closed it between two requests: nobody notices", async () => {
    const receiver = await receiving(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", () => setTimeout(() => socket.end(), 20));
    });
    for (let i = 0; i < 5; i++) {
      expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
      await wait(60);
    }
    expect(receiver.connections).toBe(5);
    expect(receiver.requests).toHaveLength(5);
  });

  it.each([
    ["said by Connection: close", "connection: close\r\n"],
    ["hinted at by Keep-Alive", "keep-alive: timeout=1\r\n"],
  ])("is not used again when the receiver will close it, %s", async (_, header) => {
    const receiver = await receiving(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}content-length: 2\r\n\r\nok`);
    });
    for (let i = 0; i < 3; i++) expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
    expect(receiver.connections).toBe(3);
  });

  it("on which the receiver dies over the second request fails it once: a POST is never repeated", async () => {
    const receiver = await receiving((request) => {
      if (request.number === 1) ok(request);
      else request.socket.resetAndDestroy();
    });
    expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
    await freed();
    expect(came(await sender.send(aRequest(receiver.url)))).toBe("connection_reset");
    await wait(200);
    expect(receiver.requests).toHaveLength(2);
    expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
  });

  it("that gets more than was asked for gives none of it to the next request", async () => {
    const receiver = await receiving(({ socket, number }) => {
      const forged = number === 1 ? "HTTP/1.1 500 Forged\r\ncontent-length: 0\r\n\r\n" : "";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok${forged}`);
    });
    for (let i = 0; i < 4; i++) {
      expect(came(await sender.send(aRequest(receiver.url)))).toBe(200);
      await freed();
    }
  });

  it("is its tenant's: what comes on it answers no other tenant's request to the same host", async () => {
    const receiver = await receiving(ok);
    for (const tenantId of ["ten_1", "ten_2", "ten_1", "ten_2"]) {
      expect(came(await sender.send(aRequest(receiver.url, { tenantId })))).toBe(200);
      await freed();
    }
    expect(receiver.connections).toBe(2);
  });

  it("takes an answer that comes before the request was sent to its end", async () => {
    const early = await listening(
      startListener((socket) => {
        socket.once("data", () => socket.write("HTTP/1.1 413 X\r\ncontent-length: 2\r\n\r\nno"));
      }),
    );
    const body = Buffer.alloc(8 * 1_048_576, "x");
    const { response } = await timed(sender.send(aRequest(`http://127.0.0.1:${early.port}/`, { body })));
    expect(came(response)).toBe(413);
    expect(response).toMatchObject({ response_body: "no", response_truncated: false });
  });

  it("that is never idle is replaced before its last age: no attempt is cut by it", async () => {
    const busy = aSender({ socketRetireAfterMs: 150, socketMaxAgeMs: 400 });
    const receiver = await receiving((request) => void setTimeout(() => ok(request), 5));
    const results = new Set<number | string>();
    const end = Date.now() + 1_200;
    const backlog = Array.from({ length: 4 }, async () => {
      while (Date.now() < end) results.add(came(await busy.send(aRequest(receiver.url))));
    });
    await Promise.all(backlog);
    busy.onApplicationShutdown();
    expect([...results]).toEqual([200]);
    expect(receiver.connections).toBeGreaterThanOrEqual(12);
  });

  it("that was given up is closed, and no other is opened in its place", async () => {
    const receiver = await receiving(() => undefined);
    expect(came(await sender.send(aRequest(receiver.url, { timeoutMs: 300 })))).toBe("timeout");
    await receiver.allClosed();
    await wait(300);
    expect(receiver.connections).toBe(1);
  });

  it("is closed by itself within seconds when nothing is sent any more", async () => {
    const receiver = await receiving(ok);
    await Promise.all(Array.from({ length: 20 }, () => sender.send(aRequest(receiver.url))));
    const startedAt = Date.now();
    await receiver.allClosed();
    expect(Date.now() - startedAt).toBeLessThan(6_000);
  }, 15_000);

  it("is closed when the process stops", async () => {
    const receiver = await receiving(ok);
    await sender.send(aRequest(receiver.url));
    await sender.onApplicationShutdown();
    await expect(receiver.allClosed()).resolves.toBeUndefined();
  });

  it("gets what was signed, byte for byte, and says whom it is for", async () => {
    const receiver = await receiving(ok);
    const body = Buffer.from('{"subject":"Größe 🐝"}');
    await sender.send(aRequest(receiver.url, { body, headers: { "webhook-id": "dlv_1", "X-Team": "Größe" } }));
    const [request = ""] = receiver.requests;
    expect(request).toContain(body.toString("latin1"));
    expect(request.startsWith("POST /hook?a=1 HTTP/1.1\r\n")).toBe(true);
    expect(request).toContain(`host: ${new URL(receiver.url).host}\r\n`);
    expect(request).toContain(`content-length: ${body.length}\r\n`);
    expect(request).toContain("X-Team: Größe\r\n");
    expect(request.toLowerCase()).not.toContain("transfer-encoding");
  });
});
