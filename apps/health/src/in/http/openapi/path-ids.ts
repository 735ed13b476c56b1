import { EXAMPLE_IDS } from "@waggle/contracts";
import { z } from "zod";

const ULID = "[0-9A-HJKMNP-TV-Z]{26}";

const pathId = (pattern: string, example: string, description: string) =>
  z.string().meta({ pattern, description, examples: [example] });

/** What stands for things in paths. Anything else is unknown (404), as a thing that is not there. */
export const PATH_IDS = {
  tenant: pathId(`^ten_${ULID}$`, EXAMPLE_IDS.tenant, "A tenant."),
  api_key: pathId(`^key_${ULID}$`, EXAMPLE_IDS.api_key, "An API key."),
  webhook: pathId(`^wh_${ULID}$`, EXAMPLE_IDS.webhook, "A webhook."),
  inbound_address: pathId("^[a-z2-7]{32}$", EXAMPLE_IDS.inbound_address, "An inbound address."),
  inbound_message: pathId("^[A-Za-z0-9_-]{1,64}$", EXAMPLE_IDS.inbound_message, "A message, by its event's id."),
  attachment: pathId("^[0-9]{1,4}$", "0", "An attachment, by its place in the message, from 0."),
  recovery: pathId(`^rcv_${ULID}$`, EXAMPLE_IDS.recovery, "A recovery."),
  delivery: pathId("^dlv_[0-9a-f]{32}$", EXAMPLE_IDS.delivery, "A delivery."),
  event: pathId("^[A-Za-z0-9_-]{1,64}$", EXAMPLE_IDS.event, "An event, by its publisher's id or ours."),
  email: pathId("^[^/]+$", EXAMPLE_IDS.email, "An email, by its publisher's id."),
} as const;

export type PathId = keyof typeof PATH_IDS;
