import type { Query } from "../../in/webhooks.controller";

export type Listed = Query;
