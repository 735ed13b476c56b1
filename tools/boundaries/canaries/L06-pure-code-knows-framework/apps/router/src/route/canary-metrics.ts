import type { Counter } from "prom-client";

export type Counted = Counter;
