interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs re-arms a timer of 1 ms for ever on every connection, which costs an idle process several percent of a core.
 * The timer is needed only while requests are pending, as they are when the broker has throttled us.
 */
export function patchRequestQueue(): void {
  const queue: { prototype: RequestQueue } = require("kafkajs/src/network/requestQueue");
  const original = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
}
