import { z } from "zod";
import { line } from "./text";

/** The body of `POST /v1/inbound-addresses`; none: an address without a name. Source: contract §4. */
export const inboundAddressCreationSchema = z
  .strictObject({ name: line(128).nullable().default(null).describe("For people. Null: none.") })
  .nullish()
  .meta({ id: "InboundAddressCreation", examples: [{ name: "support" }] });
