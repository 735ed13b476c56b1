import type { inner } from "../../libs/kafka/src/inner";

export type Reached = typeof inner;
