/** The parts of kafkajs's consumer group that join and fetch. */
interface ConsumerGroup {
  joinAndSync(): Promise<void>;
  fetch(nodeId: string): Promise<unknown>;
}

/** What kafkajs takes for the broker's word that members are to join: it does so, under the id it has. */
class NotJoinedError extends Error {
  readonly type = "REBALANCE_IN_PROGRESS";

  constructor() {
    super("the last join failed, and this member has not joined again yet");
  }
}

/**
 * When a join fails in a way that passes – no broker knew a coordinator, or it was still loading its groups – kafkajs
 * goes on to fetch instead. If the group had forgotten the member, it has no id to send heartbeats with, and so never
 * learns that it is no member. If the member wanted to join by itself, because a leader had moved, the group never asks
 * it to: it would wait for ever for the assignment it had made ready for. Lets it join before it fetches.
 */
export function patchLostMembership(): void {
  const { prototype }: { prototype: ConsumerGroup } = require("kafkajs/src/consumer/consumerGroup");
  const { fetch, joinAndSync } = prototype;
  const notJoined = new WeakSet<ConsumerGroup>();
  prototype.joinAndSync = async function joinToTheEnd(this: ConsumerGroup) {
    try {
      await joinAndSync.call(this);
      notJoined.delete(this);
    } catch (error) {
      notJoined.add(this);
      throw error;
    }
  };
  prototype.fetch = async function fetchAsMember(this: ConsumerGroup, nodeId: string) {
    if (notJoined.has(this)) throw new NotJoinedError();
    return fetch.call(this, nodeId);
  };
}
