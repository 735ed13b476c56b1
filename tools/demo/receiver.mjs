import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/**
 * A receiver such as a customer would write: checks the signature, answers at once, prints one line per event.
 * @param {{ host: string, port: number, print: (line: string) => void }} options
 * @returns {Promise<{ verifyWith: (secret: string) => void }>} answers 503 until it has a secret
 */
export async function startReceiver({ host, port, print }) {
  /** @type {Webhook | null} */
  let webhook = null;
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => "");
    const signed = webhook && isSigned(webhook, body, request.headers);
    if (webhook) print(line(body, request.headers, signed === true));
    response.writeHead(signed ? 204 : webhook ? 401 : 503).end();
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    verifyWith: (secret) => {
      webhook = new Webhook(secret);
    },
  };
}

/**
 * @param {Webhook} webhook
 * @param {string} body
 * @param {import("node:http").IncomingHttpHeaders} headers
 */
function isSigned(webhook, body, headers) {
  try {
    webhook.verify(body, /** @type {Record<string, string>} */ (headers));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} body
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {boolean} signed
 */
function line(body, headers, signed) {
  const verdict = signed ? "signature ok" : "SIGNATURE WRONG, refused";
  const { type = "?", data = {} } = signed ? JSON.parse(body) : {};
  const about = `${type} of ${data.email_id} to ${data.to}, attempt ${headers["webhook-attempt"]}`;
  // What others wrote must not steer the terminal.
  return `demo receiver: ${about} (${verdict})`.replaceAll(/\p{Cc}/gu, " ");
}
