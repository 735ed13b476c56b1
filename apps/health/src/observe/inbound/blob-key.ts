import { dayOf } from "../log-days";

const DAY_MS = 86_400_000;

/** Which part of a message: its source, or one attachment by its place, from 0. */
export type BlobPart = "raw" | number;

/**
 * Where a part of a message is kept: `2026-04-17/6a/evt_…/raw`. The day, so that retention removes whole groups; then
 * two characters in which ids differ, so that no folder gets too many entries.
 */
export function blobKey(message: { readonly id: string; readonly accepted_at: number }, part: BlobPart): string {
  return `${blobGroup(dayOf(message.accepted_at))}/${message.id.slice(-2)}/${message.id}/${part}`;
}

/** The group of what was accepted on a day, counted from 1970-01-01, UTC. Groups sort by their days. */
export function blobGroup(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
