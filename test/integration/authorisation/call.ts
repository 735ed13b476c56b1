import type { Operation } from "./operations";

/** One request of an operation, at whichever door. */
export interface Call {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface Outcome {
  /** The `code` of the problem; null when there is none. */
  readonly code: string | null;
  /** Everything that was said, but for what differs between any two answers: times, and what is left of a limit. */
  readonly said: string;
}

/** One of the ways in. */
export interface Door {
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Null: this door has no words for it. */
  ask(call: Call, token: string | null): Promise<Outcome | null>;
}

/** For messages of failed tests. */
export function told({ operation, path, query, headers, body }: Call): string {
  const route = operation.path.replace(/\{([^}]*)\}/g, (_, name: string) => path[name] ?? "");
  const search = Object.entries(query)
    .map((member) => member.join("="))
    .join("&");
  const rest = Object.keys(headers).length === 0 ? "" : ` ${JSON.stringify(headers)}`;
  const said = body === undefined ? "" : ` ${JSON.stringify(body)}`;
  return `${operation.method} ${route}${search === "" ? "" : `?${search}`}${rest}${said}`;
}
