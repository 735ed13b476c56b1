import fc from "fast-check";
import { DIALECTS } from "../dialect";
import { type EmailEvent, OUTBOUND_EVENT_TYPES, type OutboundEventType } from "../event";
import { renderBody } from "./render-body";

function eventOf(type: OutboundEventType, data: object = {}): EmailEvent {
  return {
    id: "evt_01HPQRS",
    publisher_id: false,
    tenant_id: "ten_1",
    type,
    created_at: "2026-04-17T12:34:56Z",
    accepted_at: 1_776_429_296_000,
    data: { email_id: "msg_01HPQRS", to: "customer@example.com", tags: [], metadata: {}, ...data },
  };
}

const json = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text));
const ownKeys = fc.constantFrom("__proto__", "constructor", "toJSON", "0", "42", "", "campaign", "tag", "Tag", "id");
const others = fc.array(fc.tuple(ownKeys, json), { maxLength: 6 }).map((members) => Object.fromEntries(members));

/** The names of the members of an object in the order a text holds them, which JSON.parse would not keep. */
function namesIn(text: string, path: "top" | "data" = "top"): string[] {
  const names: string[] = [];
  const wanted = path === "top" ? 1 : 2;
  let depth = 0;
  let inData = path === "top";
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")(?=:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (name && depth === 1 && path === "data") inData = name === '"data"';
    else if (name && depth === wanted && inData) names.push(JSON.parse(name));
  }
  return names;
}

describe("Hiveku's documented delivery", () => {
  it("is rendered as documented, without the spaces", () => {
    const documented = {
      id: "evt_01HPQRS...",
      type: "delivery",
      created_at: "2026-04-17T12:34:56Z",
      data: {
        email_id: "msg_01HPQRS...",
        to: "customer@example.com",
        from: "noreply@mail.acme.com",
        subject: "Your order has shipped",
        tags: ["order-shipped", "tenant-42"],
        metadata: { smtp_response: "250 OK", mta: "mx1.example.com" },
      },
    };
    const event = { ...eventOf("delivery", documented.data), id: documented.id };
    expect(renderBody("hiveku", event)).toBe(JSON.stringify(documented));
  });
});

describe("Buzzmark's documented click", () => {
  const documented = {
    RecordType: "Click",
    MessageID: "f5ab446c-...",
    Recipient: "customer@example.com",
    Tag: "welcome",
    Metadata: { user_id: "42" },
    ReceivedAt: "2026-05-31T22:30:00+00:00",
    OriginalLink: "https://yourdomain.com/welcome",
  };
  const event: EmailEvent = {
    ...eventOf("click", { email_id: documented.MessageID, tags: ["welcome"], url: documented.OriginalLink }),
    created_at: "2026-05-31T22:30:00Z",
  };
  const body = renderBody("buzzmark", { ...event, data: { ...event.data, metadata: documented.Metadata } });

  it("is rendered with every documented value", () => {
    expect(JSON.parse(body)).toMatchObject(documented);
  });

  it("keeps the documented members in the documented order", () => {
    const names = Object.keys(documented);
    expect(namesIn(body).filter((name) => names.includes(name))).toEqual(names);
  });
});

describe("renderBody", () => {
  it.each([
    ["delivery", "Delivery", []],
    ["bounce", "Bounce", ["BounceType", "BounceSubtype", "DiagnosticCode"]],
    ["complaint", "SpamComplaint", ["ComplaintType", "FeedbackID"]],
    ["open", "Open", ["IPAddress", "UserAgent", "OccurredAt"]],
    ["click", "Click", ["IPAddress", "UserAgent", "OccurredAt", "OriginalLink"]],
  ] as const)("gives buzzmark's %s the members of a %s and no others, null when absent", (type, recordType, own) => {
    const body = renderBody("buzzmark", eventOf(type));
    const common = ["From", "Subject", "Tag", "Tags", "Metadata", "ReceivedAt"];
    expect(namesIn(body)).toEqual(["RecordType", "EventID", "MessageID", "Recipient", ...common, ...own]);
    const absent = ["From", "Subject", "Tag", ...own];
    expect(JSON.parse(body)).toMatchObject({
      RecordType: recordType,
      ...Object.fromEntries(absent.map((name) => [name, null])),
    });
  });

  it("leaves absent fields out of hiveku's data, but never tags and metadata", () => {
    expect(namesIn(renderBody("hiveku", eventOf("bounce", { bounce_type: "soft" })), "data")).toEqual([
      "email_id",
      "to",
      "tags",
      "metadata",
      "bounce_type",
    ]);
  });

  it("has the standard dialect say type and timestamp, and the same data as hiveku", () => {
    const event = eventOf("complaint", { complaint_type: "abuse", campaign: 7 });
    const [, data] = renderBody("hiveku", event).split('"data":');
    expect(renderBody("standard", event)).toBe(
      `{"type":"email.complaint","timestamp":"2026-04-17T12:34:56Z","data":${data}`,
    );
  });

  it("keeps a fraction of created_at in buzzmark's form of the zone", () => {
    const event = { ...eventOf("open"), created_at: "2026-04-17T12:34:56.120Z" };
    expect(JSON.parse(renderBody("buzzmark", event))).toMatchObject({ ReceivedAt: "2026-04-17T12:34:56.120+00:00" });
  });

  it("puts the publisher's own keys last, number-like ones too, and changes none of them", () => {
    fc.assert(
      fc.property(fc.constantFrom(...OUTBOUND_EVENT_TYPES), others, (type, other) => {
        const event = eventOf(type, other);
        const documented = ["email_id", "to", "tags", "metadata"];
        for (const dialect of ["hiveku", "standard"] as const) {
          const names = namesIn(renderBody(dialect, event), "data");
          expect(names).toEqual([...documented, ...Object.keys(other)]);
        }
        const { Extra } = JSON.parse(renderBody("buzzmark", event));
        expect(JSON.stringify(Extra)).toBe(Object.keys(other).length > 0 ? JSON.stringify(other) : undefined);
      }),
    );
  });

  it("gives JSON that says the same as the event, in every dialect", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OUTBOUND_EVENT_TYPES),
        fc.constantFrom(...DIALECTS),
        others,
        fc.array(fc.string({ unit: "binary" }), { maxLength: 3 }),
        (type, dialect, metadata, tags) => {
          const body = JSON.parse(renderBody(dialect, eventOf(type, { tags, metadata })));
          const data = body.data ?? { tags: body.Tags, metadata: body.Metadata };
          expect(data.tags).toEqual(tags);
          expect(JSON.stringify(data.metadata)).toBe(JSON.stringify(metadata));
        },
      ),
    );
  });
});
