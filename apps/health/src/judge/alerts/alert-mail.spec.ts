import { type AlertReason, alertMail, spokenDuration } from "./alert-mail";

const facts = {
  recipient: "ops@acme.com",
  webhook: { webhook_id: "wh_1", url: 'https://api.acme.com/disabled?a=<b>&c="d"' },
  disable_after_s: 86_400,
  frozen: false,
  last_failures: [
    { at: 2_000, status_code: 503, error: "http_status" },
    { at: 1_000, status_code: null, error: "timeout" },
  ],
};
const since = { failing_since: 0 };
const reasons: readonly AlertReason[] = [
  { kind: "warn", after_s: 3_600, disable_at: 86_400_000, ...since },
  { kind: "warn", after_s: 43_200, disable_at: null, ...since },
  { kind: "disable", ...since },
  { kind: "gone" },
  { kind: "recovered", ...since },
];

test.each(reasons.map((reason) => [reason.kind, reason] as const))(
  "a mail about %s names the webhook and its URL, in text and HTML",
  (kind, reason) => {
    const { subject, text, html, recipient } = alertMail(reason, facts);
    expect(recipient).toBe("ops@acme.com");
    expect(subject).toContain("wh_1");
    expect(/disabled/i.test(subject)).toBe(kind === "disable" || kind === "gone");
    expect(text).toContain(`Webhook: wh_1\nURL: ${facts.webhook.url}\n`);
    expect(html).toContain("https://api.acme.com/disabled?a=&lt;b&gt;&amp;c=&quot;d&quot;");
    expect(html).not.toContain("<b>");
  },
);

test("a warning says since when, what fails and when it will be disabled", () => {
  const { text } = alertMail({ kind: "warn", after_s: 3_600, disable_at: 86_400_000, ...since }, facts);
  expect(text).toContain("since 1970-01-01T00:00:00.000Z");
  expect(text).toContain("disabled at 1970-01-02T00:00:00.000Z");
  expect(text).toContain("1970-01-01T00:00:02.000Z  HTTP 503\n  1970-01-01T00:00:01.000Z  timeout");
});

test("a warning promises no disable while an incident is open", () => {
  const reason = { kind: "warn", after_s: 3_600, disable_at: 86_400_000, ...since } as const;
  const { text } = alertMail(reason, { ...facts, frozen: true });
  expect(text).not.toContain("1970-01-02");
  expect(text).toContain("until that is over none is disabled");
});

test("a mail about a disable says how to enable the webhook again", () => {
  expect(alertMail({ kind: "disable", ...since }, facts).text).toContain("POST /v1/webhooks/wh_1/enable");
  expect(alertMail({ kind: "gone" }, facts).text).toContain("POST /v1/webhooks/wh_1/enable");
});

test("durations are told in their largest unit", () => {
  expect([3_600, 86_400, 5_400, 60, 61, 1].map(spokenDuration)).toEqual([
    "1 hour",
    "24 hours",
    "90 minutes",
    "1 minute",
    "61 seconds",
    "1 second",
  ]);
});
