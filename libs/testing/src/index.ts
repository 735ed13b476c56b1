/** What tests build with and wait on: valid things, of which a test names only what it is about. Tests only. */
export { aWebhookEntry } from "./a-webhook-entry";
export { anEmailEvent } from "./an-email-event";
export { type Reply, TenantClient } from "./client";
export { ConsumerGroups } from "./consumer-groups";
export { deliveryLog, type LoggedAttempts } from "./delivery-log";
export { eventually } from "./eventually";
export { freePort } from "./free-port";
export { PrivateBroker } from "./kafka";
export { createTestDatabase, type TestDatabase } from "./postgres";
export { received } from "./received";
export { type Answer, type Behaviour, type ReceivedRequest, Receiver } from "./receiver";
export { type AppName, type Ready, RunningStack } from "./running-stack";
export { testBrokers } from "./test-brokers";
export { TopicTail } from "./topic-tail";
