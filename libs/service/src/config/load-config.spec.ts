import { ConfigError, readConfig } from "./load-config";

const kafka = { KAFKA_BROKERS: "127.0.0.1:9092" };
const key = Buffer.alloc(32).toString("base64");

/** The problems that reading these variables from this environment leads to. */
function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("the environment", () => {
  it("gives typed values and defaults", () => {
    const names = ["INGEST_PORT", "KAFKA_BROKERS", "KAFKA_SSL", "TIME_SCALE", "ALLOWED_PRIVATE_CIDRS"] as const;
    expect(readConfig(names, { KAFKA_BROKERS: "a:1, b:2", KAFKA_SSL: "true" })).toEqual({
      INGEST_PORT: 4001,
      KAFKA_BROKERS: ["a:1", "b:2"],
      KAFKA_SSL: true,
      TIME_SCALE: 1,
      ALLOWED_PRIVATE_CIDRS: [],
    });
  });

  it("is refused as a whole: every wrong variable is named, no value is repeated", () => {
    const environment = { INGEST_PORT: "70000", KAFKA_SSL: "yes", ADMIN_TOKEN: "short-secret" };
    const problems = problemsOf(() =>
      readConfig(["INGEST_PORT", "KAFKA_BROKERS", "KAFKA_SSL", "ADMIN_TOKEN"], environment),
    );
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual([
      "INGEST_PORT",
      "KAFKA_BROKERS",
      "KAFKA_SSL",
      "ADMIN_TOKEN",
    ]);
    expect(problems.join()).not.toContain("short-secret");
  });

  it.each([
    ["INGEST_PORT", "INGEST_PORT is empty, but must be a number"],
    ["KAFKA_BROKERS", "KAFKA_BROKERS names no broker (host:port,…)"],
    ["ADMIN_TOKEN", "ADMIN_TOKEN needs at least 16 characters"],
  ] as const)("takes an empty %s as empty, not as absent", (name, problem) => {
    expect(problemsOf(() => readConfig([name], { [name]: "" }))).toEqual([problem]);
  });

  it("takes an empty list of exceptions to the egress guard as none", () => {
    expect(readConfig(["ALLOWED_PRIVATE_CIDRS"], { ALLOWED_PRIVATE_CIDRS: "" }).ALLOWED_PRIVATE_CIDRS).toEqual([]);
  });

  it.each(["10.0.0.0", "10.0.0.0/33", "::1/129", "localhost/8", "10.0.0.0/8;::1/128"])(
    "refuses %s as a CIDR",
    (cidr) => {
      expect(problemsOf(() => readConfig(["ALLOWED_PRIVATE_CIDRS"], { ALLOWED_PRIVATE_CIDRS: cidr }))).toHaveLength(1);
    },
  );

  it.each(["k1", `k1:${key.slice(4)}`, `k1:${key},`, `k 1:${key}`])("refuses %s as a key ring", (keys) => {
    expect(problemsOf(() => readConfig(["SECRETS_KEYS"], { SECRETS_KEYS: keys }))).toEqual([
      "SECRETS_KEYS must be kid:base64(32 bytes),…",
    ]);
    expect(problemsOf(() => readConfig(["SECRETS_KEYS"], { SECRETS_KEYS: `k1:${key},k2:${key}` }))).toEqual([]);
  });

  it("does not rehearse in production, nor reach private addresses there by accident", () => {
    const production = { NODE_ENV: "production", TIME_SCALE: "600", ALLOWED_PRIVATE_CIDRS: "10.0.0.0/8" };
    const names = ["TIME_SCALE", "ALLOWED_PRIVATE_CIDRS"] as const;
    expect(problemsOf(() => readConfig(names, production))).toHaveLength(2);
    expect(problemsOf(() => readConfig(names, { ...production, NODE_ENV: "development" }))).toEqual([]);
    const meant = { ...production, TIME_SCALE: "1", I_UNDERSTAND_PRIVATE_EGRESS: "true" };
    expect(problemsOf(() => readConfig(names, meant))).toEqual([]);
  });

  it("wants all of SASL or none of it", () => {
    const problems = problemsOf(() => readConfig(["KAFKA_BROKERS"], { ...kafka, KAFKA_SASL_USERNAME: "u" }));
    expect(problems).toEqual(["KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD must be set together"]);
  });

  it("wants a certificate for SMTP with its key, or neither", () => {
    const names = ["SMTP_TLS_CERT_FILE", "SMTP_TLS_KEY_FILE"] as const;
    const [certificate, itsKey] = [{ SMTP_TLS_CERT_FILE: "tls.crt" }, { SMTP_TLS_KEY_FILE: "tls.key" }];
    for (const half of [certificate, itsKey, { ...certificate, SMTP_TLS_KEY_FILE: "" }]) {
      expect(problemsOf(() => readConfig(names, half))).toEqual([
        "SMTP_TLS_CERT_FILE, SMTP_TLS_KEY_FILE must be set together",
      ]);
    }
    for (const whole of [{}, { ...certificate, ...itsKey }])
      expect(problemsOf(() => readConfig(names, whole))).toEqual([]);
  });

  it.each(["", "in_acme.com", "-acme.com", "acme..com", "in.acme.com.", "a@b", "bücher.example"])(
    "refuses %j as the domain of inbound addresses",
    (domain) => {
      expect(problemsOf(() => readConfig(["INBOUND_DOMAIN"], { INBOUND_DOMAIN: domain }))).toEqual([
        "INBOUND_DOMAIN must be a domain name",
      ]);
    },
  );
});
