import { DISABLED_REASONS, type DisabledReason } from "@waggle/domain";
import { Counter, type Registry } from "prom-client";

/** Counts one webhook that was disabled. */
export type CountDisabled = (reason: DisabledReason) => void;

/** `waggle_webhooks_disabled_total{reason}`: by a judgement or by people, once each. */
export function registerDisableCounter(registry: Registry): CountDisabled {
  const counter = new Counter({
    name: "waggle_webhooks_disabled_total",
    help: "Webhooks that were disabled, by reason",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const reason of DISABLED_REASONS) counter.inc({ reason }, 0);
  return (reason) => counter.inc({ reason });
}
