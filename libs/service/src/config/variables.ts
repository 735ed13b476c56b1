import { isIP } from "node:net";
import { z } from "zod";

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);
const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const flag = (fallback: boolean) =>
  z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .default(fallback);
const list = z
  .string()
  .transform((text) => text.split(",").map((item) => item.trim()))
  .transform((items) => items.filter((item) => item !== ""));

/** Labels of letters, digits and hyphens; one alone will do, as in `localhost`. */
function isDomain(text: string): boolean {
  return (
    text.length <= 253 && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text)
  );
}

/** Only the form: `libs/secrets` reads the keys. */
function isKeyRing(text: string): boolean {
  return text.split(",").every((entry) => /^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=$/.test(entry.trim()));
}

function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

const cidrs = list.refine((all) => all.every(isCidr), "must be a list of CIDRs, such as 10.1.0.0/16");

function isMailServer(text: string): boolean {
  return (
    text === "" || (URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== "")
  );
}

function isHttpUrl(text: string): boolean {
  return text === "" || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
}

/** `ops@acme.com` or `waggle <ops@acme.com>`. */
function isSender(text: string): boolean {
  return text === "" || /^(?:[^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(text);
}

/**
 * Every variable waggle reads, with its rule and default; `.env.example` describes the same, held to this list by a
 * test. Numbers are refused when empty: `Number("")` would quietly be 0. Source: contract §1.
 */
export const VARIABLES = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  BIND_HOST: z.string().min(1).default("0.0.0.0"),

  INGEST_PORT: port(4001),
  ROUTER_PORT: port(4002),
  DISPATCHER_PORT: port(4003),
  HEALTH_PORT: port(4000),
  SMTP_PORT: port(2525),
  GRPC_PORT: port(4050),
  GRPC_TLS_CERT_FILE: z.string().default(""),
  GRPC_TLS_KEY_FILE: z.string().default(""),
  GRPC_TLS_CLIENT_CA_FILE: z.string().default(""),

  KAFKA_BROKERS: list.refine((brokers) => brokers.length > 0, "names no broker (host:port,…)"),
  KAFKA_SSL: flag(false),
  KAFKA_SASL_MECHANISM: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_REPLICATION: count(3, 1, 9),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  ADMIN_TOKEN: z.string().min(16, "needs at least 16 characters"),
  SECRETS_KEYS: z.string().refine(isKeyRing, "must be kid:base64(32 bytes),…"),

  MAX_WEBHOOKS_PER_TENANT: count(1_000, 1, 1_000_000),
  MAX_API_KEYS_PER_TENANT: count(100, 1, 100_000),
  MAX_INBOUND_ADDRESSES_PER_TENANT: count(100, 1, 100_000),
  RATE_LIMIT_PER_SECOND: count(100, 1, 100_000),
  RATE_LIMIT_BURST: count(500, 1, 1_000_000),
  TRUSTED_PROXIES: cidrs.default([]),

  ALLOW_HTTP_URLS: flag(false),
  ALLOWED_PRIVATE_CIDRS: cidrs.default([]),
  I_UNDERSTAND_PRIVATE_EGRESS: flag(false),

  TIME_SCALE: z.coerce.number().min(1).max(1_000_000).default(1),
  SMTP_ALERT_URL: z.string().refine(isMailServer, "must be smtp://… or smtps://…, or empty").default(""),
  ALERT_FROM: z.string().refine(isSender, "must be one mail address, or empty").default(""),

  INBOUND_DOMAIN: z.string().refine(isDomain, "must be a domain name").default("in.localhost"),
  INBOUND_MEMORY_MIB: count(256, 16, 65_536),
  SMTP_MAX_CONNECTIONS: count(1_000, 1, 100_000),
  SMTP_MAX_CONNECTIONS_PER_IP: count(100, 1, 100_000),
  SMTP_TLS_CERT_FILE: z.string().default(""),
  SMTP_TLS_KEY_FILE: z.string().default(""),

  BLOB_DIR: z.string().min(1, "names no folder").default("/var/lib/waggle/blobs"),
  BLOB_S3_BUCKET: z.string().default(""),
  BLOB_S3_ENDPOINT: z.string().refine(isHttpUrl, "must be an http:// or https:// URL, or empty").default(""),
  BLOB_S3_REGION: z.string().min(1, "names no region").default("us-east-1"),
  BLOB_S3_ACCESS_KEY_ID: z.string().default(""),
  BLOB_S3_SECRET_ACCESS_KEY: z.string().default(""),
  BLOB_S3_FORCE_PATH_STYLE: flag(false),

  ATTEMPT_TIMEOUT_MS: count(10_000, 1_000, 30_000),
  RETENTION_DAYS: count(30, 1, 3_650),
  AUDIT_RETENTION_DAYS: count(365, 1, 3_650),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** The validated values of the variables an app asked for, under their own names. */
export type Config<Name extends VariableName> = { readonly [N in Name]: z.output<(typeof VARIABLES)[N]> };
