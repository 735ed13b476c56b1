/** What every app needs to be a process: configuration, log, metrics, probes, start and stop, problem+json. */
export { bearerToken, sameToken } from "./bearer-token";
export {
  BLOB_VARIABLES,
  EGRESS_VARIABLES,
  GRPC_VARIABLES,
  KAFKA_VARIABLES,
  type KafkaConnection,
  kafkaConnection,
  LIMIT_VARIABLES,
  MAIL_VARIABLES,
  SERVICE_VARIABLES,
} from "./config/groups";
export { type Environment, loadConfig, readConfig } from "./config/load-config";
export { type Config, VARIABLES, type VariableName } from "./config/variables";
export { createLogger, type Logger } from "./logger";
export { retryAfterS, sendProblem, toProblem } from "./problem.filter";
export { Readiness, type ReadinessPart } from "./readiness";
export { type AppOptions, main, runApp } from "./run-app";
export { createService, type Service } from "./service";
export { VERSION } from "./version";
