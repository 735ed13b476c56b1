import { z } from "zod";
import type { Call, Door, Outcome } from "./call";
import { operationsOf } from "./operations";

const problemSchema = z.object({ code: z.string() });

/** Of the moment, of the limit or of the connection: not of what was asked for. */
const OF_THE_MOMENT = ["date", "ratelimit", "ratelimit-policy", "retry-after", "connection", "keep-alive"];

/** The operations of the document that a running app serves, asked over HTTP. */
export async function openHttpDoor(url: string): Promise<Door> {
  const operations = operationsOf(await (await fetch(`${url}/openapi.json`)).json());
  return { name: "HTTP", operations, ask: (call, token) => ask(url, call, token) };
}

async function ask(url: string, call: Call, token: string | null): Promise<Outcome> {
  const { operation, path, query, headers, body } = call;
  const route = operation.path.replace(/\{([^}]*)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const stopping = new AbortController();
  const response = await fetch(`${url}${route}?${new URLSearchParams(query)}`, {
    method: operation.method,
    signal: stopping.signal,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const text = isStream ? "" : await response.text();
  stopping.abort();
  const kept = [...response.headers].filter(([name]) => !OF_THE_MOMENT.includes(name)).toSorted();
  return {
    code: response.ok || response.status === 304 ? null : codeOf(response, text),
    said: [response.status, ...kept.map((header) => header.join(": ")), text].join("\n"),
  };
}

function codeOf({ status }: Response, text: string): string {
  try {
    return problemSchema.parse(JSON.parse(text)).code;
  } catch {
    return `${status} without a problem`;
  }
}
