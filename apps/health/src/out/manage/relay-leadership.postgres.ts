import { databaseUnavailable, LockSession, OUTBOX_CHANNEL } from "@waggle/postgres";
import { RelayLeadership, type RelayTerm } from "../../manage/ports";
import { pause } from "../../manage/relay/pause";
import { WakeUp } from "./wake-up";

const RETRY_MS = 1_000;

/** Leadership by an advisory lock: it ends with the connection that holds it, also when the process dies. */
export class PostgresRelayLeadership extends RelayLeadership {
  constructor(private readonly databaseUrl: string) {
    super();
  }

  async take(stop: AbortSignal, onStandby: () => void): Promise<RelayTerm> {
    const wakeUp = new WakeUp();
    const session = await LockSession.open({
      url: this.databaseUrl,
      lock: "relay",
      channel: OUTBOX_CHANNEL,
      onNotification: () => wakeUp.ring(),
    });
    const over = AbortSignal.any([stop, session.lost]);
    try {
      while (!(await session.tryLock())) {
        onStandby();
        await pause(RETRY_MS, over);
        if (over.aborted) throw databaseUnavailable(over.reason);
      }
    } catch (error) {
      await session.close();
      throw error;
    }
    return {
      over,
      async wake(ms) {
        await wakeUp.wait(ms, over);
        if (!over.aborted) await session.tryLock();
      },
      end: () => session.close(),
    };
  }
}
