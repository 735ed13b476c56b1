import type { InboundMail } from "@waggle/contracts";
import { requestsOf } from "./mail-log.kafka";

const MIB = 1_048_576;

function mails(count: number, bytes: number): InboundMail[] {
  const raw = Buffer.alloc(bytes);
  return Array.from({ length: count }, (_, index) => ({
    id: `evt_${index}`,
    tenant_id: "ten_1",
    hash: `${index}`,
    accepted_at: 0,
    sender: null,
    bounce: false,
    recipient: `${index}@in.localhost`,
    door: "smtp",
    raw,
  }));
}

describe("requestsOf", () => {
  it.each([
    ["a small message for 100 recipients", 100, 100 * 1_024, [100]],
    ["what just fits one request", 3, 5 * MIB, [3]],
    ["what does not", 4, 5 * MIB, [3, 1]],
    ["a message of 10 MiB for four", 4, 10 * MIB, [1, 1, 1, 1]],
    ["an empty message", 2, 0, [2]],
  ])("sends %s in as few requests as it can", (_name, count, bytes, sizes) => {
    const all = mails(count, bytes);
    const requests = requestsOf(all);
    expect(requests.map(({ length }) => length)).toEqual(sizes);
    expect(requests.flat()).toEqual(all);
  });
});
