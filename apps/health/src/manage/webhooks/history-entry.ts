import { isDeepStrictEqual } from "node:util";
import type { ACTORS, HISTORY_ACTIONS } from "@waggle/contracts";
import { newId } from "@waggle/secrets";
import type { Caller } from "../caller";
import type { Webhook } from "./webhook";

export type HistoryAction = (typeof HISTORY_ACTIONS)[number];

/** Who did it: a person with the admin token or an API key, or waggle by its own judgement. */
export type Actor = (typeof ACTORS)[number];

/** One thing that happened to a webhook. Times in milliseconds since the epoch. */
export interface HistoryEntry {
  readonly id: string;
  readonly webhook_id: string;
  readonly at: number;
  readonly action: HistoryAction;
  readonly actor: Actor;
  /** The API key that was used. */
  readonly key_id: string | null;
  /** The evidence, or what was changed, as JSON; times in RFC 3339. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What people may set; secrets are not among it, and of headers only the names are told. */
const TOLD = [
  "url",
  "events",
  "tags",
  "description",
  "dialect",
  "timeout_ms",
  "max_in_flight",
  "max_per_second",
  "retry_delays_s",
  "disable_after_s",
] as const satisfies readonly (keyof Webhook)[];

export interface Happening {
  readonly webhook_id: string;
  readonly at: number;
  readonly action: HistoryAction;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What waggle did on its own. */
export function judgedEntry({ details = {}, ...happening }: Happening): HistoryEntry {
  return { id: newId("his", happening.at), ...happening, actor: "waggle", key_id: null, details };
}

/** What a caller did. */
export function calledEntry(caller: Caller, { details = {}, ...happening }: Happening): HistoryEntry {
  const key_id = caller.kind === "api_key" ? caller.key_id : null;
  return { id: newId("his", happening.at), ...happening, actor: caller.kind, key_id, details };
}

/** A webhook as far as people may set it. */
export function toldSettings(webhook: Webhook): Readonly<Record<string, unknown>> {
  const told = Object.fromEntries(TOLD.map((field) => [field, webhook[field]]));
  return { ...told, headers: namesOf(webhook) };
}

/** What a change did to something: each field that is another now. */
export type ChangedFields = Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;

/** What a change did to a webhook. */
export function changedFields(before: Webhook, after: Webhook): ChangedFields {
  const changed = TOLD.filter((field) => !isDeepStrictEqual(before[field], after[field]));
  const fields: Record<string, ChangedFields[string]> = {};
  for (const field of changed) fields[field] = { before: before[field], after: after[field] };
  if (!isDeepStrictEqual(before.headers, after.headers)) {
    fields.headers = { before: namesOf(before), after: namesOf(after) };
  }
  return fields;
}

function namesOf(webhook: Webhook): string[] {
  return webhook.headers.map(({ name }) => name);
}
