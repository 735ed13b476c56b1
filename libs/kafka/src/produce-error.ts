import { WaggleError } from "@waggle/domain";
import { KafkaJSError } from "kafkajs";

/** `kafka_unavailable`: not acknowledged in time, outcome unknown. `record_too_large`: refused, nothing was written. */
export type ProduceErrorCode = "kafka_unavailable" | "record_too_large";

export function produceError(code: ProduceErrorCode, detail: string, cause?: unknown): WaggleError<ProduceErrorCode> {
  return new WaggleError(code, detail, { cause });
}

const REFUSED_FOR_GOOD = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD", "CORRUPT_MESSAGE"]);

/** Whether the broker will never take these records, however often they are sent. */
export function isRefusedForGood(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof KafkaJSError && "type" in at && typeof at.type === "string" && REFUSED_FOR_GOOD.has(at.type)) {
      return true;
    }
  }
  return false;
}
