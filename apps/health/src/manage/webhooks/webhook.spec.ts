import { disabled, enabled } from "./webhook";
import { blankWebhook } from "./webhook-settings";

const webhook = blankWebhook("wh_1", { id: "ten_1", dialect: "hiveku" }, 0);

it("is disabled for the first reason it was disabled for", () => {
  const failing = disabled({ ...webhook, failing_since: 5 }, "failing");
  expect(failing).toMatchObject({ status: "disabled", disabled_reason: "failing", failing_since: 5 });
  expect(disabled(failing, "manual")).toBe(failing);
});

it("has a clean record once enabled", () => {
  const again = enabled(disabled({ ...webhook, failing_since: 5 }, "gone"));
  expect(again).toEqual(webhook);
  expect(enabled(again)).toEqual(again);
});
