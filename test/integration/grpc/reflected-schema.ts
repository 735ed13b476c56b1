import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Client } from "@grpc/grpc-js";
import { type AnyDefinition, loadSync, type ServiceDefinition } from "@grpc/proto-loader";

const PROTO = require.resolve("@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto");

/** What a server says of itself by gRPC's reflection, asked as a tool that knows nothing of it would ask. */
export interface ReflectedSchema {
  readonly services: readonly string[];
  readonly registry: FileRegistry;
}

interface ReflectionAnswer {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Uint8Array[] };
  readonly error_response?: { readonly error_message: string };
}

/** @param more names of messages that are wanted too, such as those of error details */
export async function reflectedSchema(client: Client, more: readonly string[]): Promise<ReflectedSchema> {
  const listed = await ask(client, { list_services: "*" });
  const services = listed.list_services_response?.service.map(({ name }) => name) ?? [];
  const files = new Map<string, FileDescriptorProto>();
  for (const symbol of [...services, ...more]) {
    const answer = await ask(client, { file_containing_symbol: symbol });
    for (const bytes of answer.file_descriptor_response?.file_descriptor_proto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
  }
  const set = create(FileDescriptorSetSchema, { file: inOrder(files) });
  return { services, registry: createFileRegistry(set) };
}

/** A file after those it imports. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const add = (name: string) => {
    const file = files.get(name);
    if (!file || ordered.has(file)) return;
    for (const dependency of file.dependency) add(dependency);
    ordered.add(file);
  };
  for (const name of files.keys()) add(name);
  return [...ordered];
}

const { ServerReflectionInfo: reflection } = serviceIn(
  loadSync(PROTO, { keepCase: true })["grpc.reflection.v1.ServerReflection"],
);

function serviceIn(definition: AnyDefinition | undefined): ServiceDefinition {
  if (!definition || "format" in definition) throw new Error("the reflection service is not where it was");
  // Of the three kinds of definition only messages and enums have a format.
  return definition as ServiceDefinition;
}

function ask(client: Client, question: object): Promise<ReflectionAnswer> {
  if (!reflection) throw new Error("the reflection service has no method");
  const { path, requestSerialize, responseDeserialize } = reflection;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return new Promise((resolve, reject) => {
    stream.on("data", resolve);
    stream.on("error", reject);
    stream.write(question);
    stream.end();
  });
}
