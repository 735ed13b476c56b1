import { emptyBodySchema, incidentStateSchema } from "@waggle/contracts";
import type { Operation } from "../operation";

const shared = { tag: "Incident", operatorOnly: true, problems: ["validation_failed"] } as const;

export const INCIDENT_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "get",
    path: "/v1/incident",
    id: "getIncident",
    summary: "Get the last incident",
    answers: { 200: { description: "The last incident, and whether it is open.", schema: incidentStateSchema } },
  },
  {
    ...shared,
    method: "post",
    path: "/v1/incident/close",
    id: "closeIncident",
    summary: "Close the incident",
    body: { schema: emptyBodySchema, required: false },
    answers: { 200: { description: "The incident as it is now.", schema: incidentStateSchema } },
    problems: [...shared.problems, "conflict"],
  },
];
