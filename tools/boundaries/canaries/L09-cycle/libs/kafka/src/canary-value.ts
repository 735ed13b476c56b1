import { value } from "./canary-value-back";

export const other = value;
