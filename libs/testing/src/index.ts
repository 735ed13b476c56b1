/** What tests build with and wait on: valid things, of which a test names only what it is about. Tests only. */
export { aWebhookEntry } from "./a-webhook-entry";
export { anEmailEvent } from "./an-email-event";
export { eventually } from "./eventually";
export { received } from "./received";
export { testBrokers } from "./test-brokers";
export { TopicTail } from "./topic-tail";
