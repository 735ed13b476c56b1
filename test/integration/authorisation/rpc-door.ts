import type { DescField, DescMethod, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { RPC_OF_OPERATION } from "../../structure/rpc-of-operation";
import type { ReflectedClient, RpcAnswer } from "../grpc/reflected-client";
import type { Call, Door, Outcome } from "./call";
import type { Operation } from "./operations";

interface Request {
  readonly message: JsonObject;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a request has at this door alone. */
const OF_THIS_DOOR = ["etag", "update_mask"];

/**
 * The methods that a server describes by reflection. What their fields stand for is read from the operations of HTTP.
 * @throws Error for a method or a field that no operation explains
 */
export function openRpcDoor(client: ReflectedClient, operations: readonly Operation[]): Door {
  const methods = new Map(client.methodsOf("waggle.v1").map((method) => [nameOf(method), method]));
  const byOperation = new Map(
    operations.map((operation) => {
      const name = RPC_OF_OPERATION[operation.id];
      const method = name === undefined ? undefined : methods.get(name);
      if (!method) throw new Error(`${operation.id} has no method: teach test/structure/rpc-of-operation.ts`);
      requireExplained(method, operation);
      methods.delete(nameOf(method));
      return [operation.id, method] as const;
    }),
  );
  if (methods.size > 0) throw new Error(`no operation of HTTP explains ${[...methods.keys()].join(", ")}`);
  const methodOf = ({ id }: Operation) => {
    const method = byOperation.get(id);
    if (!method) throw new Error(`${id} is no operation of this door`);
    return method;
  };
  return {
    name: "gRPC",
    operations,
    async ask(call, token) {
      const method = methodOf(call.operation);
      const request = requestOf(call, method);
      if (!request) return null;
      const asked = { token, metadata: request.metadata };
      const isStream = method.methodKind === "server_streaming";
      const answer = isStream
        ? await client.stream(nameOf(method), request.message, asked).end()
        : await client.call(nameOf(method), request.message, asked);
      return outcomeOf(answer);
    },
  };
}

/** A field that nothing is put into would never be tried. */
function requireExplained({ input, parent, name }: DescMethod, { parameters, body }: Operation): void {
  const known = new Set([...parameters.map((parameter) => parameter.name), ...Object.keys(body?.properties ?? {})]);
  const isExplained = (field: DescField) => known.has(field.name) || OF_THIS_DOOR.includes(field.name);
  for (const field of input.fields) {
    const inner = field.message?.file.proto.package === "waggle.v1" ? field.message.fields : [field];
    const unexplained = isExplained(field) ? [] : inner.filter((member) => !isExplained(member));
    if (unexplained.length === 0) continue;
    throw new Error(`${parent.name}/${name}: no operation of HTTP explains ${unexplained.join(", ")}`);
  }
}

/** Null when it holds what only HTTP can say. */
function requestOf({ path, query, headers, body = {} }: Call, { input }: DescMethod): Request | null {
  const has = (name: string) => input.fields.some((field) => field.name === name);
  const { "If-Match": etag, "Idempotency-Key": key, ...others } = headers;
  if (Object.keys(others).length > 0) return null;
  const settings = input.fields.find(({ message }) => message?.name.endsWith("Settings"));
  const set: JsonObject = {};
  const message: JsonObject = { ...path, ...query, ...(etag === undefined ? {} : { etag }) };
  for (const [name, value] of Object.entries(body)) {
    const isSetting = settings?.message?.fields.some((field) => field.name === name) ?? false;
    if (!isSetting && (!has(name) || name in message)) return null;
    (isSetting ? set : message)[name] = jsonOf(value);
  }
  if (settings) message[settings.name] = set;
  const mask = Object.keys(set).map(camelCase).join(",");
  if (mask !== "" && has("update_mask")) message.update_mask = mask;
  return { message, metadata: key === undefined ? {} : { "idempotency-key": key } };
}

function outcomeOf(answer: RpcAnswer | "OK"): Outcome {
  if (answer === "OK") return { code: null, said: "" };
  const { status, details, message, text, headers } = answer;
  const { reason } = details.ErrorInfo ?? {};
  const metadata = Object.entries(headers.getMap()).filter(([name]) => name !== "date");
  return {
    code: status === "OK" ? null : String(reason ?? status),
    said: JSON.stringify([status, text, message, details, metadata]),
  };
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.name}/${name}`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function jsonOf(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
