import type { Consumer } from "kafkajs";

/**
 * Whether the group still counts this process as a member. A process that was frozen past its session timeout must
 * not go on with what others took over, so the session counts from when the last acknowledged heartbeat was *sent*:
 * the answer may have waited in the socket while we slept.
 */
export class SessionClock {
  private aliveAt = 0;
  private heartbeatSentAt = 0;

  constructor(
    consumer: Consumer,
    private readonly sessionTimeoutMs: number,
  ) {
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === "Heartbeat" || payload.apiName === "SyncGroup") this.heartbeatSentAt = payload.sentAt;
    });
    const acknowledged = () => {
      this.aliveAt = Math.max(this.aliveAt, this.heartbeatSentAt);
    };
    consumer.on(consumer.events.HEARTBEAT, acknowledged);
    consumer.on(consumer.events.GROUP_JOIN, acknowledged);
  }

  isAlive(now: number): boolean {
    return now - this.aliveAt < this.sessionTimeoutMs;
  }
}
