import { aWebhookEntry } from "@waggle/testing";
import { subscriptionFilter } from "./subscription-filter";

describe("subscriptionFilter", () => {
  it("holds what the webhook subscribes to", () => {
    const webhook = aWebhookEntry({ event_types: ["bounce", "open"], tags: ["marketing"], created_at: 42 });
    expect(subscriptionFilter(webhook)).toEqual({
      types: new Set(["bounce", "open"]),
      tags: new Set(["marketing"]),
      created_at: 42,
    });
  });

  it("is made once per version of the webhook", () => {
    const webhook = aWebhookEntry();
    expect(subscriptionFilter(webhook)).toBe(subscriptionFilter(webhook));
    const changed = { ...webhook, version: 2, tags: ["marketing"] };
    expect(subscriptionFilter(changed).tags).toEqual(new Set(["marketing"]));
  });
});
