import type { incidentStateSchema, Shown } from "@waggle/contracts";
import type { Incident } from "../../judge/incidents/ports";
import { instant, instantOrNull } from "./log-view";

/** Source: contract §4. */
export function incidentView(incident: Incident | null): Shown<typeof incidentStateSchema> {
  if (incident === null) return { open: false, incident: null };
  const { opened_at, began_at, closed_at, ...rest } = incident;
  return {
    open: closed_at === null,
    incident: {
      ...rest,
      began_at: instant(began_at),
      opened_at: instant(opened_at),
      closed_at: instantOrNull(closed_at),
    },
  };
}
