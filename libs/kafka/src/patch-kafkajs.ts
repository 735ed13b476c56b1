import { z } from "zod";
import { patchBrokerConnect } from "./broker-connect-patch";
import { patchFetch } from "./fetch-rounds-patch";
import { patchLostMembership } from "./lost-membership-patch";
import { patchRecordCodec } from "./record-codec-patch";
import { patchRequestQueue } from "./request-queue-patch";

/** The release whose code was read; another one must be read again before our patches apply to it. */
const RELEASE = "2.2.4";

/** The last one goes around what the one before it made of fetching: who is no member asks for nothing. */
const PATCHES = [patchBrokerConnect, patchRequestQueue, patchRecordCodec, patchFetch, patchLostMembership];

let patched = false;

/**
 * Mends, once in a process, what kafkajs leaves open and no option of it changes.
 * @throws Error when the installed kafkajs is not the release that the patches were written for
 */
export function patchKafkajs(): void {
  if (patched) return;
  const { version } = z.object({ version: z.string() }).parse(require("kafkajs/package.json"));
  if (version !== RELEASE) throw new Error(`the patches are for kafkajs ${RELEASE}, not ${version}`);
  for (const patch of PATCHES) patch();
  patched = true;
}
