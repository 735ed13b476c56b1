import type { Request } from "../in/events.controller";

export type Written = Request;
