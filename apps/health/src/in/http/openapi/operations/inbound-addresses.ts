import {
  inboundAddressCreationSchema,
  inboundAddressPageSchema,
  inboundAddressSchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
} from "@waggle/contracts";
import type { Operation } from "../operation";

const tag = "Inbound mail";

export const INBOUND_ADDRESS_OPERATIONS: readonly Operation[] = [
  {
    tag,
    method: "post",
    path: "/v1/inbound-addresses",
    id: "createInboundAddress",
    summary: "Create an inbound address",
    description: "Mail for it is accepted within 5 s.",
    repeatable: true,
    query: tenantQuerySchema,
    body: { schema: inboundAddressCreationSchema, required: false },
    answers: { 201: { description: "The address.", schema: inboundAddressSchema } },
    problems: ["limit_reached"],
  },
  {
    tag,
    method: "get",
    path: "/v1/inbound-addresses",
    id: "listInboundAddresses",
    summary: "List inbound addresses, newest first",
    query: tenantPageQuerySchema,
    answers: { 200: { description: "A page of addresses.", schema: inboundAddressPageSchema } },
  },
  {
    tag,
    method: "delete",
    path: "/v1/inbound-addresses/{hash}",
    id: "deleteInboundAddress",
    summary: "Delete an inbound address",
    description: "Mail for it is refused within 5 s. What came in before stays.",
    ids: { hash: "inbound_address" },
    query: tenantQuerySchema,
    answers: { 204: { description: "It is gone." } },
  },
];
