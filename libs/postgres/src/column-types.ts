import type { ValueTransformer } from "typeorm";

/** `timestamptz` as milliseconds since the epoch. */
export const milliseconds: ValueTransformer = {
  to: (ms: number | null) => (ms === null ? null : new Date(ms)),
  from: (date: Date | null) => date?.getTime() ?? null,
};

/** `bigint` as a number; pg hands it over as text. What is stored so stays far below 2^53. */
export const wholeNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (text: string | null) => (text === null ? null : Number(text)),
};
