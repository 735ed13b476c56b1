import type { Accepted } from "../../../apps/ingest/src/accept/accepted";

export const accepted: Accepted = { id: "evt_1" };
