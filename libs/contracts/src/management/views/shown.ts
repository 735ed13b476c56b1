import { z } from "zod";

/** What a view answers, as its schema says. Nobody changes it on its way out. */
export type Shown<Schema extends z.ZodType> = Unchangeable<z.output<Schema>>;

type Unchangeable<Value> = Value extends readonly (infer Item)[]
  ? readonly Unchangeable<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Unchangeable<Value[Key]> }
    : Value;

/** A time in RFC 3339, UTC. */
export const shownInstant = z.string().meta({ format: "date-time", examples: ["2026-04-17T12:34:56.789Z"] });

/** An id of ours: its kind, `_`, and a part that sorts by age. */
export function shownId(example: string) {
  return z.string().meta({ examples: [example] });
}

/** Ids in examples, the same thing under the same id everywhere. */
export const EXAMPLE_IDS = {
  tenant: "ten_01M817CKJ1SCZ75DG9K7C2A66B",
  api_key: "key_01M817CKQW0Z4T9V5R8E2N3D7H",
  webhook: "wh_01M817CMR3ZQYA91A22XPSSNQF",
  delivery: "dlv_6f1c0a9be7d34852a1b0c9d8e7f60514",
  event: "evt_01HPQRS",
  email: "msg_01HPQRS",
  recovery: "rcv_01M817D0B2M9KQ4YJ6T1X8C5WZ",
  history: "his_01M817CN2V7B4H6F9S3K5P8R1G",
  incident: "inc_01M817F3A1D5C8E0G2J4M6P9RT",
  inbound_message: "evt_01M817FZ3D5C8E0G2J4M6P9RTV",
  inbound_address: "k3v7q2mzb4xw6hd5t7rcn2pyfa3sj6ue",
} as const;
