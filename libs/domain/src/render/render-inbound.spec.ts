import fc from "fast-check";
import { DIALECTS } from "../dialect";
import type { InboundEvent, InboundMessage } from "../inbound";
import { jsonPrefix } from "./json-length";
import { renderInbound } from "./render-inbound";

const MIB = 1_048_576;

function eventOf(message: Partial<InboundMessage> = {}): InboundEvent {
  return {
    id: "evt_01HPQRS",
    tenant_id: "ten_1",
    to: "4f2a@in.buzzmarkapp.com",
    created_at: "2026-05-31T22:30:00Z",
    message: {
      from: "sender@world.com",
      from_name: "Sender",
      subject: "Hello",
      message_id: "<1@world.com>",
      html_body: "<p>…</p>",
      text_body: "…",
      headers: [{ name: "Message-Id", value: "..." }],
      attachments: [{ name: "file.pdf", content_type: "application/pdf", content_length: 1_234 }],
      parse_error: null,
      ...message,
    },
  };
}

const bytesOf = (body: string) => Buffer.byteLength(body);
const texts = fc.string({ unit: "binary", maxLength: 200 });

describe("renderInbound", () => {
  it("gives Buzzmark's documented payload, without the spaces", () => {
    const documented = {
      From: "sender@world.com",
      FromName: "Sender",
      To: "4f2a@in.buzzmarkapp.com",
      Subject: "Hello",
      HtmlBody: "<p>…</p>",
      TextBody: "…",
      Headers: [{ Name: "Message-Id", Value: "..." }],
      Attachments: [{ Name: "file.pdf", ContentType: "application/pdf", ContentLength: 1_234 }],
    };
    expect(renderInbound("buzzmark", eventOf(), MIB)).toBe(JSON.stringify(documented));
  });

  it("gives hiveku the common envelope, and standard the same data", () => {
    const [envelope, data = ""] = renderInbound("hiveku", eventOf(), MIB).split('"data":');
    expect(envelope).toBe('{"id":"evt_01HPQRS","type":"inbound","created_at":"2026-05-31T22:30:00Z",');
    const names = ["from", "from_name", "to", "subject", "html_body", "text_body", "headers", "attachments"];
    expect(Object.keys(JSON.parse(data.slice(0, -1)))).toEqual(names);
    expect(renderInbound("standard", eventOf(), MIB)).toBe(
      `{"type":"email.inbound","timestamp":"2026-05-31T22:30:00Z","data":${data}`,
    );
  });

  it.each(DIALECTS)("keeps every member in %s when there is nothing to say", (dialect) => {
    const nothing = { from: null, from_name: null, subject: null, html_body: null, text_body: null };
    const body = JSON.parse(renderInbound(dialect, eventOf({ ...nothing, headers: [], attachments: [] }), MIB));
    expect(Object.values(body.data ?? body)).toEqual([null, null, eventOf().to, null, null, null, [], []]);
  });

  it("says last why a message was read in part only", () => {
    const event = eventOf({ parse_error: "nested_too_deep" });
    expect(renderInbound("buzzmark", event, MIB)).toMatch(/"ParseError":"nested_too_deep"}$/);
    expect(renderInbound("hiveku", event, MIB)).toMatch(/"parse_error":"nested_too_deep"}}$/);
  });

  it("never exceeds what it may take, and says so when it had to cut", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DIALECTS), texts, texts, fc.nat({ max: 2_500 }), (dialect, html, text, room) => {
        const event = eventOf({ html_body: html, text_body: text });
        const empty = bytesOf(renderInbound(dialect, eventOf({ html_body: "", text_body: "" }), MIB));
        const maxBytes = empty + 40 + room;
        const body = renderInbound(dialect, event, maxBytes);
        expect(bytesOf(body)).toBeLessThanOrEqual(maxBytes);
        const said = JSON.parse(body).data ?? JSON.parse(body);
        const [htmlSent, textSent] = [said.html_body ?? said.HtmlBody, said.text_body ?? said.TextBody];
        if (said.truncated ?? said.Truncated) {
          expect(html.startsWith(htmlSent) && text.startsWith(textSent)).toBe(true);
          expect(htmlSent.length + textSent.length).toBeLessThan(html.length + text.length);
        } else expect([htmlSent, textSent]).toEqual([html, text]);
      }),
    );
  });

  it("does not say that nothing was cut", () => {
    const event = eventOf({ html_body: "", text_body: "" });
    expect(JSON.parse(renderInbound("buzzmark", event, 0))).not.toHaveProperty("Truncated");
  });

  it("leaves a short text whole beside an HTML that is cut", () => {
    const event = eventOf({ html_body: "<".repeat(5_000), text_body: "short" });
    const body = JSON.parse(renderInbound("buzzmark", event, 2_000));
    expect(body).toMatchObject({ TextBody: "short", Truncated: true });
    expect(body.HtmlBody.length).toBeGreaterThan(1_000);
  });
});

describe("jsonPrefix", () => {
  it("counts what JSON.stringify writes", () => {
    fc.assert(
      fc.property(
        fc.oneof(texts, fc.string({ unit: fc.constantFrom("\0", "\n", '"', "\\", "é", "€", "🐝", "\ud800") })),
        (text) => {
          const { end, bytes } = jsonPrefix(text, Number.POSITIVE_INFINITY);
          expect([end, bytes]).toEqual([text.length, bytesOf(JSON.stringify(text)) - 2]);
        },
      ),
    );
  });

  it("does not cut a pair in two", () => {
    expect(jsonPrefix("🐝🐝", 7)).toEqual({ end: 2, bytes: 4 });
  });
});
