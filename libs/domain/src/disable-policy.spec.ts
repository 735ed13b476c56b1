import { disabledBy, type JudgedAttempt, type JudgedWebhook, saysGone } from "./disable-policy";
import { EXHAUSTED_REASONS, SKIPPED_REASONS } from "./next-step";

const gone: JudgedAttempt = { test: false, reason: "gone", webhook_version: 7 };
const webhook: JudgedWebhook = { status: "enabled", version: 7 };

describe("disabledBy", () => {
  it("disables the webhook that a 410 was answered to", () => {
    expect(disabledBy(gone, webhook)).toBe("gone");
  });

  it("leaves a webhook alone that was changed after the attempt", () => {
    expect(disabledBy(gone, { ...webhook, version: 8 })).toBeNull();
  });

  it("leaves a webhook alone that was set back to before the attempt", () => {
    expect(disabledBy(gone, { ...webhook, version: 6 })).toBeNull();
  });

  it("leaves a webhook alone that is disabled already", () => {
    expect(disabledBy(gone, { ...webhook, status: "disabled" })).toBeNull();
  });

  it("holds nothing against a webhook that a test got", () => {
    expect(disabledBy({ ...gone, test: true }, webhook)).toBeNull();
    expect(saysGone({ ...gone, test: true })).toBe(false);
  });

  it.each([null, ...EXHAUSTED_REASONS, ...SKIPPED_REASONS].filter((reason) => reason !== "gone"))(
    "does not take a delivery that ended with %s for a 410",
    (reason) => {
      expect(disabledBy({ ...gone, reason }, webhook)).toBeNull();
      expect(saysGone({ ...gone, reason })).toBe(false);
    },
  );
});
