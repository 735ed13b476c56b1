import type { Logger, ReadinessPart } from "@waggle/service";
import { type Reconciliation, RelayMonitor } from "../../manage/ports";

type State = "starting" | "standing_by" | "leading" | "failed";

/** The relay on `/readyz` and in the log: one line a change of state, not one a second. */
export class ServiceRelayMonitor extends RelayMonitor {
  private state: State = "starting";

  constructor(
    private readonly logger: Logger,
    private readonly part: ReadinessPart,
  ) {
    super();
  }

  standingBy(): void {
    if (this.enter("standing_by")) this.logger.info("relay.standing_by");
    this.part.ready();
  }

  leading(found: Reconciliation): void {
    this.enter("leading");
    this.logger.info(found, "relay.leading");
    this.part.ready();
  }

  failed(error: unknown): void {
    if (this.enter("failed")) this.logger.warn({ err: error }, "relay.failed");
    this.part.notReady("the database or Kafka cannot be reached");
  }

  held(error: unknown): void {
    this.logger.warn({ err: error }, "relay.held");
  }

  private enter(state: State): boolean {
    const changed = this.state !== state;
    this.state = state;
    return changed;
  }
}
