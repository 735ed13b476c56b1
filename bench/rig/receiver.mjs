/**
 * A process of its own that answers webhooks and counts. `fork` it; it sends {urls} once it listens, and answers
 * "report" with what it saw since the last "reset" and "count" with how many requests that were. Paths: /ok/… answers
 * at once, /hang/… never.
 */
import { createServer } from "node:http";

/** @type {Map<string, number>} */
let seen = new Map();
/** @type {number[]} */
let delays = [];
let requests = 0;
let hanging = 0;
let failed = [];

/** Each listens on a port of its own: to an HTTP client another port is another origin. */
const ORIGINS = 20;

const answer = (request, response) => {
  const at = Date.now();
  if (request.url.startsWith("/hang")) {
    hanging += 1;
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    requests += 1;
    if (request.url.startsWith("/fail")) {
      failed.push({ id: request.headers["webhook-id"], attempt: Number(request.headers["webhook-attempt"]), at });
      response.writeHead(500).end();
      return;
    }
    const id = request.headers["webhook-id"];
    seen.set(id, (seen.get(id) ?? 0) + 1);
    const published = /"published_at":(\d+)/.exec(Buffer.concat(chunks).toString("latin1"));
    if (published) delays.push(at - Number(published[1]));
    response.end("ok");
  });
};
const servers = Array.from({ length: ORIGINS }, () => createServer({ keepAliveTimeout: 60_000 }, answer));
await Promise.all(servers.map((server) => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))));
process.send({ urls: servers.map((server) => `http://127.0.0.1:${server.address().port}`) });

process.on("message", (message) => {
  if (message === "reset") {
    seen = new Map();
    delays = [];
    requests = 0;
    failed = [];
  }
  if (message === "count") process.send({ requests });
  else if (message === "failed") process.send({ failed });
  else process.send({ requests, unique: seen.size, hanging, duplicates: requests - seen.size, delays });
});
process.on("disconnect", () => process.exit(0));
