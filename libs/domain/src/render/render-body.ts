import type { Dialect } from "../dialect";
import type { EmailEvent } from "../event";
import { buzzmarkBody } from "./buzzmark-body";
import { hivekuBody } from "./hiveku-body";
import { standardBody } from "./standard-body";

const RENDERERS: Readonly<Record<Dialect, (event: EmailEvent) => string>> = {
  hiveku: hivekuBody,
  buzzmark: buzzmarkBody,
  standard: standardBody,
};

/**
 * The body of the POST that tells a receiver of an outbound event: JSON without spaces, byte-exact per dialect (golden
 * files in `test/structure/golden`). The same event always gives the same text. Source: contract §3 "body".
 */
export function renderBody(dialect: Dialect, event: EmailEvent): string {
  return RENDERERS[dialect](event);
}
