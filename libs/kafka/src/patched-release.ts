import { z } from "zod";

/** The release whose code was read; another one must be read again before our patches apply to it. */
const RELEASE = "2.2.4";

/** @throws Error when the installed kafkajs is not the release that our patches were written for */
export function requirePatchedRelease(): void {
  const { version } = z.object({ version: z.string() }).parse(require("kafkajs/package.json"));
  if (version !== RELEASE) throw new Error(`the patches are for kafkajs ${RELEASE}, not ${version}`);
}
