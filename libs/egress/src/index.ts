/**
 * Egress: which addresses, names, ports and headers a webhook may use. One verdict for two gates: when a webhook is
 * written (judgeUrl, judgeHeaders) and when its connection is made (createGuardedConnector). See docs/egress.md.
 */
export { classifyConnectError } from "./classify-connect-error";
export { createDnsLookup, type DnsLookupOptions } from "./dns-lookup";
export { EgressError, type EgressErrorCode } from "./egress-error";
export { createEgressPolicy, type EgressPolicy, type EgressPolicyOptions, type EgressStage } from "./egress-policy";
export { createGuardedConnector, type GuardedConnectorOptions, SOCKET_LIFETIME } from "./guarded-connector";
export { judgeAddress } from "./judge-address";
export { type HeaderRefusal, type HeaderRefusalReason, judgeHeaders } from "./judge-headers";
export { judgeUrl, type UrlVerdict } from "./judge-url";
export type { LookupHost } from "./lookup-host";
export type { Refusal, RefusalReason, Verdict } from "./verdict";
