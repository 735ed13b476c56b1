import type { DescMessage } from "@bufbuild/protobuf";

/**
 * Where a JSON Pointer into what HTTP would have sent leads in a request: `/retry_delays_s/2` to
 * `webhook.retry_delays_s[2]`, when that is where the request has it. Source: google.rpc.BadRequest.
 */
export function fieldPath(pointer: string, request: DescMessage): string {
  const [first = "", ...rest] = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const own = request.fields.some(({ name }) => name === first);
  const holder = own ? undefined : request.fields.find((field) => field.message && hasField(field.message, first));
  return [holder ? `${holder.name}.${first}` : first, ...rest.map(subscript)].join("");
}

function hasField(message: DescMessage, name: string): boolean {
  return message.fields.some((field) => field.name === name);
}

function subscript(part: string): string {
  return /^\d+$/.test(part) ? `[${part}]` : `[${JSON.stringify(part)}]`;
}
