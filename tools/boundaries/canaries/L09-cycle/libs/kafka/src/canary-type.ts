import type { Back } from "./canary-type-back";

export interface There {
  readonly back: Back;
}
