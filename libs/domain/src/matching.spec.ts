import fc from "fast-check";
import { EVENT_TYPES } from "./event";
import { mismatch, type SubscriptionFilter } from "./matching";

const CREATED = 1_776_429_296_000;

function filterOf(overrides: Partial<SubscriptionFilter> = {}): SubscriptionFilter {
  return { types: new Set(["bounce"]), tags: new Set(), created_at: CREATED, ...overrides };
}

const bounce = { type: "bounce", tags: ["order-shipped", "tenant-42"], accepted_at: CREATED } as const;

describe("mismatch", () => {
  it("finds none when the type is subscribed and no tags are asked for", () => {
    expect(mismatch(filterOf(), bounce)).toBeNull();
    expect(mismatch(filterOf(), { ...bounce, tags: [] })).toBeNull();
  });

  it("asks for the type", () => {
    expect(mismatch(filterOf({ types: new Set(["open", "click"]) }), bounce)).toBe("event_type_not_subscribed");
    expect(mismatch(filterOf({ types: new Set() }), bounce)).toBe("event_type_not_subscribed");
  });

  it("is content with one of the tags", () => {
    expect(mismatch(filterOf({ tags: new Set(["marketing", "tenant-42"]) }), bounce)).toBeNull();
  });

  it("asks for one of the tags when there is a tag filter", () => {
    expect(mismatch(filterOf({ tags: new Set(["marketing"]) }), bounce)).toBe("tags_do_not_match");
    expect(mismatch(filterOf({ tags: new Set(["marketing"]) }), { ...bounce, tags: [] })).toBe("tags_do_not_match");
  });

  it.each(["Order-Shipped", "order-shipped ", "order"])("does not take the tag %j for order-shipped", (tag) => {
    expect(mismatch(filterOf({ tags: new Set([tag]) }), bounce)).toBe("tags_do_not_match");
  });

  it("asks mail that comes in for no tags: it has none", () => {
    const filter = filterOf({ types: new Set(["inbound"]), tags: new Set(["marketing"]) });
    expect(mismatch(filter, { type: "inbound", tags: [], accepted_at: CREATED })).toBeNull();
  });

  it("takes both conditions together: a tag does not make up for the type", () => {
    const filter = filterOf({ types: new Set(["open"]), tags: new Set(["order-shipped"]) });
    expect(mismatch(filter, bounce)).toBe("event_type_not_subscribed");
  });

  it("excludes a webhook created more than a second after the event was accepted", () => {
    expect(mismatch(filterOf({ created_at: CREATED + 1_000 }), bounce)).toBeNull();
    expect(mismatch(filterOf({ created_at: CREATED + 1_001 }), bounce)).toBe("created_after_event");
  });

  it("agrees with the rule as the contract states it", () => {
    const tags = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
    const types = fc.uniqueArray(fc.constantFrom(...EVENT_TYPES));
    const moment = fc.integer({ min: CREATED - 3_000, max: CREATED + 3_000 });
    fc.assert(
      fc.property(
        fc.record({ types, tags, created_at: moment }),
        fc.record({ type: fc.constantFrom(...EVENT_TYPES), tags, accepted_at: moment }),
        (webhook, event) => {
          const matches =
            webhook.types.includes(event.type) &&
            (event.type === "inbound" ||
              webhook.tags.length === 0 ||
              webhook.tags.filter((tag) => event.tags.includes(tag)).length >= 1) &&
            webhook.created_at - event.accepted_at <= 1_000;
          const filter = { ...webhook, types: new Set(webhook.types), tags: new Set(webhook.tags) };
          expect(mismatch(filter, event) === null).toBe(matches);
        },
      ),
    );
  });

  it("never loses a match because an event carries more tags or a webhook asks for more types", () => {
    const tag = fc.constantFrom("a", "b", "c", "d", "e");
    const tags = fc.array(tag, { maxLength: 3 });
    fc.assert(
      fc.property(tags, tags, tag, fc.constantFrom(...EVENT_TYPES), (asked, carried, more, type) => {
        const filter = filterOf({ tags: new Set(asked) });
        if (mismatch(filter, { ...bounce, tags: carried }) !== null) return;
        expect(mismatch(filter, { ...bounce, tags: [...carried, more] })).toBeNull();
        expect(mismatch({ ...filter, types: new Set(["bounce", type]) }, { ...bounce, tags: carried })).toBeNull();
      }),
    );
  });
});
