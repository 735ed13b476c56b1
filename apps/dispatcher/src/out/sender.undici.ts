import { classifyConnectError } from "@waggle/egress";
import { type OutgoingRequest, Sender, type SendResult } from "../deliver/ports";
import { IdleClients } from "./idle-clients";
import type { ReceiverClientSettings } from "./receiver-client";
import { RequestTargets } from "./request-target";
import { failed, ResponseReader } from "./response-reader";

/**
 * HTTP over undici's lowest door, `dispatch`. Follows no redirect, repeats nothing, and one deadline covers DNS,
 * connect, TLS and response headers; what is read of the body afterwards never changes the outcome.
 */
export class UndiciSender extends Sender {
  private readonly clients: IdleClients;
  private readonly targets = new RequestTargets();

  constructor(settings: ReceiverClientSettings) {
    super();
    this.clients = new IdleClients(settings);
  }

  send(request: OutgoingRequest): Promise<SendResult> {
    return new Promise((resolve) => {
      const target = this.targets.of(request.url);
      if (!target) {
        resolve(failed("connection_failed"));
        return;
      }
      const { origin, path } = target;
      const use = { tenantId: request.tenantId, origin };
      const client = this.clients.take(use);
      const reader = new ResponseReader(request.timeoutMs, (result, isComplete) => {
        this.clients.giveBack(use, client, isComplete);
        resolve(result);
      });
      const { headers, body } = request;
      try {
        client.dispatch({ path, method: "POST", headers, body }, reader);
      } catch (error) {
        reader.fail(classifyConnectError(error));
      }
    });
  }

  /** Closes idle connections; to be called when nothing is in flight. Nest calls it by the hook's name. */
  onApplicationShutdown(): void {
    this.clients.close();
  }
}
