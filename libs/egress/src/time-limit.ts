import { EgressError } from "./egress-error";

/** Rejects with EgressError `timeout` when `work` takes longer than `limitMs`. What `work` does later is ignored. */
export function withTimeLimit<T>(work: Promise<T>, limitMs: number, detail: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new EgressError("timeout", detail)), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
