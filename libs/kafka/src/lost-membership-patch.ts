import { requirePatchedRelease } from "./patched-release";

/** The part of kafkajs's consumer group that fetches; its member id is null from when the group forgot it. */
interface ConsumerGroup {
  readonly memberId: string | null;
  fetch(nodeId: string): Promise<unknown>;
}

/** What kafkajs takes for the broker's word that it does not know this member: it joins anew. */
class ForgottenMemberError extends Error {
  readonly type = "UNKNOWN_MEMBER_ID";

  constructor() {
    super("the group has forgotten this member, and it has not joined again yet");
  }
}

let patched = false;

/**
 * When a group has forgotten a member, kafkajs joins it again under a new id; when that fails in a way that passes – no
 * broker knew a coordinator, as happens after one stood still – it goes on to fetch instead. Without an id it sends no
 * heartbeats either, and so never learns that it is no member: it reads for ever, and may do nothing with it. Lets it
 * join before it fetches.
 * @throws Error when the installed kafkajs is not the release this was written for
 */
export function patchLostMembership(): void {
  if (patched) return;
  requirePatchedRelease();
  const { prototype }: { prototype: ConsumerGroup } = require("kafkajs/src/consumer/consumerGroup");
  const { fetch } = prototype;
  prototype.fetch = async function fetchAsMember(this: ConsumerGroup, nodeId: string) {
    if (this.memberId === null) throw new ForgottenMemberError();
    return fetch.call(this, nodeId);
  };
  patched = true;
}
