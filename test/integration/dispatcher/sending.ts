import { createEgressPolicy, createGuardedConnector, type GuardedConnectorOptions } from "@waggle/egress";
import type { OutgoingRequest, SendResult } from "../../../apps/dispatcher/src/deliver/ports";
import { UndiciSender } from "../../../apps/dispatcher/src/out/sender.undici";

/** The dispatcher's sender, free to connect to loopback. */
export function aSender(options: GuardedConnectorOptions = {}): UndiciSender {
  const policy = createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: ["127.0.0.0/8"] });
  const { socketRetireAfterMs: retireAfterMs } = options;
  const connector = createGuardedConnector(policy, options);
  return new UndiciSender({ connector, ...(retireAfterMs === undefined ? {} : { retireAfterMs }) });
}

export function aRequest(url: string, overrides: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    tenantId: "ten_1",
    url,
    headers: { "Content-Type": "application/json", "webhook-id": "dlv_1" },
    body: Buffer.from('{"id":"evt_1"}'),
    timeoutMs: 5_000,
    ...overrides,
  };
}

/** What came back, in a form that is easy to compare: a status or an error, never both. */
export function came({ result }: SendResult): number | string {
  return "error" in result ? result.error : result.status_code;
}

export interface Timed {
  readonly response: SendResult;
  readonly ms: number;
}

export async function timed(sending: Promise<SendResult>): Promise<Timed> {
  const startedAt = Date.now();
  const response = await sending;
  return { response, ms: Date.now() - startedAt };
}
