import { inner } from "../../../../libs/kafka/src/inner";

export const reached = inner;
