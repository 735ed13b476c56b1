import { type Config, VARIABLES, type VariableName } from "./variables";

export type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong with the environment, one sentence per variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(`the environment is wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/**
 * Reads and validates the named variables as a whole. A variable that is set to the empty string is empty, not
 * defaulted. Values are never repeated in errors: they may be secrets.
 * @throws ConfigError listing every wrong variable
 */
export function readConfig<Name extends VariableName>(names: readonly Name[], environment: Environment): Config<Name> {
  const values: Partial<Record<VariableName, unknown>> = {};
  const problems: string[] = [];
  for (const name of names) {
    const text = environment[name];
    const parsed = text === "" && isNumeric(name) ? null : VARIABLES[name].safeParse(text);
    if (parsed?.success) values[name] = parsed.data;
    else if (text === undefined) problems.push(`${name} is required`);
    else problems.push(`${name} ${parsed?.error.issues[0]?.message ?? "is empty, but must be a number"}`);
  }
  problems.push(...contradictions(environment, new Set(names)));
  if (problems.length > 0) throw new ConfigError(problems);
  // Every name was either parsed into `values` or reported above.
  return values as Config<Name>;
}

/** As `readConfig` from the process's environment; on error says what is wrong and exits 1. */
export function loadConfig<Name extends VariableName>(names: readonly Name[]): Config<Name> {
  try {
    return readConfig(names, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function isNumeric(name: VariableName): boolean {
  return /(_PORT|_SCALE|_MS|_MIB|_DAYS|_REPLICATION|_CONNECTIONS|_PER_IP)$/.test(name);
}

function contradictions(environment: Environment, names: ReadonlySet<VariableName>): string[] {
  const problems: string[] = [];
  const production = environment.NODE_ENV === "production";
  if (production && names.has("TIME_SCALE") && Number(environment.TIME_SCALE ?? 1) !== 1) {
    problems.push("TIME_SCALE must be 1 when NODE_ENV=production");
  }
  const privateEgress = environment.ALLOWED_PRIVATE_CIDRS ?? "";
  if (production && names.has("ALLOWED_PRIVATE_CIDRS") && privateEgress !== "") {
    if (environment.I_UNDERSTAND_PRIVATE_EGRESS !== "true") {
      problems.push("ALLOWED_PRIVATE_CIDRS needs I_UNDERSTAND_PRIVATE_EGRESS=true when NODE_ENV=production");
    }
  }
  const certificate = ["SMTP_TLS_CERT_FILE", "SMTP_TLS_KEY_FILE"] as const;
  if (names.has("SMTP_TLS_CERT_FILE") && certificate.filter((name) => environment[name]).length === 1) {
    problems.push(`${certificate.join(", ")} must be set together`);
  }
  const bucketKey = ["BLOB_S3_ACCESS_KEY_ID", "BLOB_S3_SECRET_ACCESS_KEY"] as const;
  if (names.has("BLOB_S3_BUCKET") && bucketKey.filter((name) => environment[name]).length === 1) {
    problems.push(`${bucketKey.join(", ")} must be set together`);
  }
  const sasl = ["KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"] as const;
  const set = sasl.filter((name) => environment[name] !== undefined);
  if (names.has("KAFKA_BROKERS") && set.length > 0 && set.length < sasl.length) {
    problems.push(`${sasl.join(", ")} must be set together`);
  }
  if (names.has("GRPC_TLS_CERT_FILE")) problems.push(...tlsContradictions(environment));
  return problems;
}

function tlsContradictions(environment: Environment): string[] {
  const { GRPC_TLS_CERT_FILE: cert = "", GRPC_TLS_KEY_FILE: key = "", GRPC_TLS_CLIENT_CA_FILE: ca = "" } = environment;
  if ((cert === "") !== (key === "")) return ["GRPC_TLS_CERT_FILE, GRPC_TLS_KEY_FILE must be set together"];
  return ca !== "" && cert === "" ? ["GRPC_TLS_CLIENT_CA_FILE needs GRPC_TLS_CERT_FILE"] : [];
}
