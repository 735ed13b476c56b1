import type { Config } from "./variables";

/** What every app reads. */
export const SERVICE_VARIABLES = ["NODE_ENV", "LOG_LEVEL", "BIND_HOST"] as const;

/** What every app that speaks to Kafka reads. */
export const KAFKA_VARIABLES = [
  "KAFKA_BROKERS",
  "KAFKA_SSL",
  "KAFKA_SASL_MECHANISM",
  "KAFKA_SASL_USERNAME",
  "KAFKA_SASL_PASSWORD",
  "KAFKA_REPLICATION",
] as const;

/** What decides where a webhook may point. */
export const EGRESS_VARIABLES = ["ALLOW_HTTP_URLS", "ALLOWED_PRIVATE_CIDRS", "I_UNDERSTAND_PRIVATE_EGRESS"] as const;

/** What bounds those who manage. */
export const LIMIT_VARIABLES = [
  "MAX_WEBHOOKS_PER_TENANT",
  "MAX_API_KEYS_PER_TENANT",
  "MAX_INBOUND_ADDRESSES_PER_TENANT",
  "RATE_LIMIT_PER_SECOND",
  "RATE_LIMIT_BURST",
  "TRUSTED_PROXIES",
] as const;

/** Where gRPC is served, and with which certificate. */
export const GRPC_VARIABLES = [
  "GRPC_PORT",
  "GRPC_TLS_CERT_FILE",
  "GRPC_TLS_KEY_FILE",
  "GRPC_TLS_CLIENT_CA_FILE",
] as const;

/** What decides how mail comes in. */
export const MAIL_VARIABLES = [
  "INBOUND_DOMAIN",
  "INBOUND_MEMORY_MIB",
  "SMTP_PORT",
  "SMTP_MAX_CONNECTIONS",
  "SMTP_MAX_CONNECTIONS_PER_IP",
  "SMTP_TLS_CERT_FILE",
  "SMTP_TLS_KEY_FILE",
] as const;

/** Where the source and the attachments of mail are kept. */
export const BLOB_VARIABLES = [
  "BLOB_DIR",
  "BLOB_S3_BUCKET",
  "BLOB_S3_ENDPOINT",
  "BLOB_S3_REGION",
  "BLOB_S3_ACCESS_KEY_ID",
  "BLOB_S3_SECRET_ACCESS_KEY",
  "BLOB_S3_FORCE_PATH_STYLE",
] as const;

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | null;
}

type SaslMechanism = NonNullable<Config<"KAFKA_SASL_MECHANISM">["KAFKA_SASL_MECHANISM"]>;

/** The Kafka variables as the settings of a connection. */
export function kafkaConnection(config: Config<(typeof KAFKA_VARIABLES)[number]>): KafkaConnection {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  const sasl = mechanism && username !== undefined && password !== undefined ? { mechanism, username, password } : null;
  return { brokers: config.KAFKA_BROKERS, ssl: config.KAFKA_SSL, sasl };
}
