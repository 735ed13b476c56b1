// A plain server of ours around the Node lines printed on Buzzmark's page, which are unchanged.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const webhookSecret = process.env.BUZZMARK_WEBHOOK_SECRET;

function verify(rawBody, signature) {
const crypto = require('crypto');
const expected = crypto.createHmac('sha256', webhookSecret).update(rawBody).digest('hex');
const ok = crypto.timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
return ok;
}

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    if (request.method !== "POST") return response.writeHead(405).end();
    const rawBody = Buffer.concat(chunks);
    if (!verify(rawBody, request.headers["x-buzzmark-signature"])) return response.writeHead(401).end();
    const event = request.headers["x-buzzmark-event"];
    process.stdout.write(`${JSON.stringify({ event, body: JSON.parse(rawBody.toString("utf8")) })}\n`);
    response.writeHead(200).end();
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
