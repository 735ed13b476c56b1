import type { There } from "./canary-type";

export interface Back {
  readonly there: There | null;
}
