import { createFileRegistry, type DescMessage, type DescMethod, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { DESCRIPTOR_SET } from "./descriptor-set";

const descriptorSet = fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTOR_SET, "base64"));

/** Every message and service of proto/. */
export const REGISTRY = createFileRegistry(descriptorSet);

/** What clients can reach; what else proto/ holds are details of errors. */
export const PACKAGES = ["waggle.v1", "grpc.health.v1"];

const services = [...REGISTRY].filter((type) => type.kind === "service");
const methods = new Map(services.flatMap(({ methods: all }) => all).map((method) => [pathOf(method), method]));

/** Full names of the services. */
export const SERVICE_NAMES: readonly string[] = services.map(({ typeName }) => typeName);

/** @param path as HTTP/2 has it: `/waggle.v1.Webhooks/Get` */
export function methodAt(path: string): DescMethod {
  const method = methods.get(path);
  if (!method) throw new Error(`proto/ has no ${path}`);
  return method;
}

/** @throws Error when proto/ has no such message */
export function messageNamed(typeName: string): DescMessage {
  const message = REGISTRY.getMessage(typeName);
  if (!message) throw new Error(`proto/ has no ${typeName}`);
  return message;
}

/**
 * The services for grpc-js. Messages pass as bytes: what cannot be read is to be answered like any other wrong request,
 * and what cannot be written is to be logged, neither of which grpc-js does.
 */
export function packageDefinition(): Record<string, ServiceDefinition> {
  return Object.fromEntries(
    services.map((service) => [
      service.typeName,
      Object.fromEntries(service.methods.map((method) => [method.name, methodDefinition(method)])),
    ]),
  );
}

/** The files themselves, for reflection. */
export function reflectedFiles(): PackageDefinition {
  const fileDescriptorProtos = descriptorSet.file.map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file)));
  const format = "Protocol Buffer 3 DescriptorProto";
  return { files: { format, type: {}, fileDescriptorProtos, serialize: notHere, deserialize: notHere } };
}

function methodDefinition(method: DescMethod): MethodDefinition<Buffer, Buffer> {
  return {
    path: pathOf(method),
    requestStream: false,
    responseStream: method.methodKind === "server_streaming",
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function notHere(): never {
  throw new Error("reflection reads no messages");
}
