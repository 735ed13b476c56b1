import {
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { eventually } from "@waggle/testing";
import { type ReflectedSchema, reflectedSchema } from "./reflected-schema";

export interface RpcAnswer {
  /** The name of the status, such as `OK`. */
  readonly status: string;
  /** In protobuf's JSON, under the names of the files. Empty when the call failed. */
  readonly message: Record<string, JsonValue>;
  /** `google.rpc.Status.details` by the names of their messages. */
  readonly details: Readonly<Record<string, JsonObject>>;
  /** What the status says in words; empty when the call succeeded. */
  readonly text: string;
  readonly headers: Metadata;
}

export interface RpcAsked {
  readonly token?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

/** Calls whatever a server describes by reflection. */
export class ReflectedClient {
  private constructor(
    private readonly client: Client,
    private readonly schema: ReflectedSchema,
    private readonly token: string | null,
  ) {}

  static async connect(
    address: string,
    token: string | null,
    channel: ChannelCredentials = credentials.createInsecure(),
  ): Promise<ReflectedClient> {
    const client = new Client(address, channel);
    const details = ["google.rpc.Status", "google.rpc.ErrorInfo", "google.protobuf.Struct"];
    return new ReflectedClient(client, await reflectedSchema(client, details), token);
  }

  get services(): readonly string[] {
    return this.schema.services;
  }

  /** `Webhooks/Get` and so on, of one package. */
  methodsOf(packageName: string): DescMethod[] {
    const services = [...this.schema.registry].filter((type) => type.kind === "service");
    return services.filter(({ file }) => file.proto.package === packageName).flatMap(({ methods }) => methods);
  }

  /** @param method `Webhooks/Get`; of another package than `waggle.v1` with its name before it */
  async call(method: string, request: JsonObject = {}, asked: RpcAsked = {}): Promise<RpcAnswer> {
    const { path, input, output } = this.describe(method);
    let headers = new Metadata();
    return new Promise((resolve) => {
      const call = this.client.makeUnaryRequest<Uint8Array, Buffer>(
        path,
        (bytes) => Buffer.from(bytes),
        (bytes) => bytes,
        toBinary(input, fromJson(input, request, { registry: this.schema.registry })),
        this.metadata(asked),
        { deadline: Date.now() + (asked.deadlineMs ?? 30_000) },
        (error, bytes) => resolve(error ? this.failed(error, headers) : this.answered(output, bytes, headers)),
      );
      call.on("metadata", (received) => {
        headers = received;
      });
    });
  }

  /** What must succeed, for tests that are about something else. */
  async expect(method: string, request: JsonObject = {}, asked: RpcAsked = {}): Promise<Record<string, JsonValue>> {
    const answer = await this.call(method, request, asked);
    if (answer.status !== "OK")
      throw new Error(`${method} answered ${answer.status}: ${JSON.stringify(answer.details)}`);
    return answer.message;
  }

  /** Sends bytes that need be no message. */
  async send(method: string, bytes: Buffer): Promise<RpcAnswer> {
    const { path, output } = this.describe(method);
    return new Promise((resolve) => {
      const asIs = (sent: Buffer) => sent;
      this.client.makeUnaryRequest(path, asIs, asIs, bytes, this.metadata({}), (error, answer) =>
        resolve(error ? this.failed(error, new Metadata()) : this.answered(output, answer, new Metadata())),
      );
    });
  }

  stream(method: string, request: JsonObject = {}, asked: RpcAsked = {}): RpcStream {
    const { path, input, output } = this.describe(method);
    const call = this.client.makeServerStreamRequest<Uint8Array, Buffer>(
      path,
      (bytes) => Buffer.from(bytes),
      (bytes) => bytes,
      toBinary(input, fromJson(input, request, { registry: this.schema.registry })),
      this.metadata(asked),
    );
    return new RpcStream(
      call,
      (bytes) => this.answered(output, bytes, new Metadata()).message,
      (error) => this.failed(error, new Metadata()),
    );
  }

  close(): void {
    this.client.close();
  }

  private describe(method: string) {
    const full = method.includes(".") ? method : `waggle.v1.${method}`;
    const [service = "", name] = full.split("/");
    const found = this.schema.registry.getService(service)?.methods.find((described) => described.name === name);
    if (!found) throw new Error(`the server describes no ${full}`);
    return { path: `/${full}`, input: found.input, output: found.output };
  }

  private metadata({ token = this.token, metadata = {} }: RpcAsked): Metadata {
    const all = new Metadata();
    if (token !== null) all.set("authorization", `Bearer ${token}`);
    for (const [name, value] of Object.entries(metadata)) all.set(name, value);
    return all;
  }

  private answered(output: DescMethod["output"], bytes: Buffer | undefined, headers: Metadata): RpcAnswer {
    const options = { registry: this.schema.registry, useProtoFieldName: true };
    const message = toJson(output, fromBinary(output, bytes ?? Buffer.alloc(0)), options);
    return { status: "OK", message: objectOf(message), details: {}, text: "", headers };
  }

  private failed(error: ServiceError, headers: Metadata): RpcAnswer {
    const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
    const schema = this.schema.registry.getMessage("google.rpc.Status");
    const details: Record<string, JsonObject> = {};
    if (schema && Buffer.isBuffer(bytes)) {
      const told = objectOf(
        toJson(schema, fromBinary(schema, bytes), { registry: this.schema.registry, useProtoFieldName: true }),
      );
      for (const detail of Array.isArray(told.details) ? told.details.map(objectOf) : []) {
        const { "@type": type, ...rest } = detail;
        details[String(type).split(".").at(-1) ?? ""] = rest;
      }
    }
    return { status: status[error.code] ?? String(error.code), message: {}, details, text: error.details, headers };
  }
}

/** A call that goes on. */
export class RpcStream {
  readonly seen: Record<string, JsonValue>[] = [];
  /** Null while it goes on. */
  ended: RpcAnswer | "OK" | null = null;
  private opened = false;

  constructor(
    private readonly call: ClientReadableStream<Buffer>,
    read: (bytes: Buffer) => Record<string, JsonValue>,
    failed: (error: ServiceError) => RpcAnswer,
  ) {
    call.on("metadata", () => {
      this.opened = true;
    });
    call.on("data", (bytes: Buffer) => this.seen.push(read(bytes)));
    call.on("error", (error: ServiceError) => {
      this.ended = failed(error);
    });
    call.on("end", () => {
      this.ended ??= "OK";
    });
  }

  /** Resolves once the server has said that it is listening. */
  async isOpen(): Promise<void> {
    await eventually("the stream is open", () => this.opened || this.ended !== null);
  }

  async until(count: number): Promise<Record<string, JsonValue>[]> {
    return eventually(`${count} messages`, () => this.seen.length >= count && this.seen);
  }

  async end(): Promise<RpcAnswer | "OK"> {
    return eventually("the stream's end", () => this.ended);
  }

  cancel(): void {
    this.call.cancel();
  }
}

function objectOf(value: JsonValue): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
