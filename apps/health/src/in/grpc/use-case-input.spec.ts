import { messageNamed } from "./schema";
import { asChange, asCommand, asQuestion } from "./use-case-input";

const settings = messageNamed("waggle.v1.WebhookSettings");

test("a question is a URL's id and query, all of it text", () => {
  expect(asQuestion({ id: "wh_1", tenant_id: "ten_1", limit: 20 })).toEqual({
    id: "wh_1",
    query: { tenant_id: "ten_1", limit: "20" },
  });
  expect(asQuestion({})).toEqual({ id: "", query: {} });
});

test("a command has a body, and in its query what HTTP has there", () => {
  const request = { id: "wh_1", tenant_id: "ten_1", wait: 5, type: "open" };
  expect(asCommand(request)).toEqual({ id: "wh_1", query: { tenant_id: "ten_1" }, body: { wait: 5, type: "open" } });
  expect(asCommand(request, ["wait"])).toMatchObject({ query: { wait: "5" }, body: { tenant_id: "ten_1" } });
});

describe("a change", () => {
  const webhook = { description: "CRM", retry_delays_s: [30], timeout_ms: 5_000 };

  test("is of what its mask names; what is unset there is cleared", () => {
    const { id, body } = asChange(
      { id: "wh_1", webhook, update_mask: "description,retryDelaysS,maxInFlight" },
      "webhook",
      settings,
    );
    expect([id, body]).toEqual(["wh_1", { description: "CRM", retry_delays_s: [30], max_in_flight: null }]);
  });

  test("is without a mask of what is set", () => {
    expect(asChange({ id: "wh_1", webhook }, "webhook", settings).body).toEqual(webhook);
    expect(asChange({ id: "wh_1", webhook, update_mask: "" }, "webhook", settings).body).toEqual(webhook);
    expect(asChange({ id: "wh_1" }, "webhook", settings).body).toEqual({});
  });

  test("is with * of everything", () => {
    const { body } = asChange({ id: "wh_1", webhook, update_mask: "*" }, "webhook", settings);
    expect(Object.keys(body).toSorted()).toEqual(settings.fields.map(({ name }) => name).toSorted());
    expect(body).toMatchObject({ description: "CRM", url: null, headers: null });
  });

  test.each(["colour", "id", "tenantId", "headers.x"])("does not know a field %s", (path) => {
    expect(() => asChange({ id: "wh_1", update_mask: path }, "webhook", settings)).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        errors: [expect.objectContaining({ path: "/update_mask" })],
      }),
    );
  });
});
