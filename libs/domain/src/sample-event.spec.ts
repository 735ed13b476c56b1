import { OUTBOUND_EVENT_TYPES, TYPE_DATA_FIELDS } from "./event";
import { sampleEvent } from "./sample-event";

const about = { id: "evt_1", tenant_id: "ten_1", now: Date.UTC(2026, 3, 17, 12, 34, 56, 789) };

it.each(OUTBOUND_EVENT_TYPES)("holds every field that %s documents", (type) => {
  const event = sampleEvent(type, about);
  expect(event).toMatchObject({ id: "evt_1", tenant_id: "ten_1", type, accepted_at: about.now });
  expect(event.created_at).toBe("2026-04-17T12:34:56Z");
  for (const field of TYPE_DATA_FIELDS[type]) expect(event.data[field]).toEqual(expect.stringMatching(/./));
});
