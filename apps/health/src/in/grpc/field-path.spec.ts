import { fieldPath } from "./field-path";
import { messageNamed } from "./schema";

const request = messageNamed("waggle.v1.WebhooksCreateRequest");

test.each([
  ["/secret", "secret"],
  ["/tenant_id", "tenant_id"],
  ["/url", "webhook.url"],
  ["/retry_delays_s/2", "webhook.retry_delays_s[2]"],
  ["/headers/X-Api-Key", 'webhook.headers["X-Api-Key"]'],
  ["/headers/a~1b~0c", 'webhook.headers["a/b~c"]'],
  ["/nowhere", "nowhere"],
  ["", ""],
])("%s is at %s", (pointer, path) => {
  expect(fieldPath(pointer, request)).toBe(path);
});
