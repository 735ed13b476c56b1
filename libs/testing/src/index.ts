/** What tests build with: valid things of each kind, of which a test names only what it is about. Tests only. */
export { aWebhookEntry } from "./a-webhook-entry";
export { anEmailEvent } from "./an-email-event";
export { received } from "./received";
