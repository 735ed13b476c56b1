import { isUtf8 } from "node:buffer";
import { WaggleError } from "@waggle/domain";
import { refuseTooMany, type Submission, submissionOf, submissionOfList } from "../accept/submission";
import type { BodyForm } from "./body-form";

/**
 * The events in a body, not yet looked at.
 * @throws WaggleError `malformed_json` (or not UTF-8) and `too_many_events`
 */
export function readSubmission(body: Buffer, form: BodyForm): Submission {
  if (!isUtf8(body)) throw new WaggleError("malformed_json", "the body is not UTF-8");
  const text = withoutBom(body.toString("utf8"));
  return form === "json" ? submissionOf(parsed(text, "the body")) : submissionOfList(parsedLines(text));
}

/** RFC 8259 §8.1 lets a reader ignore a byte order mark. */
function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function parsedLines(text: string): unknown[] {
  const lines = text.split("\n");
  const filled = [...lines.keys()].filter((index) => lines[index]?.trim());
  refuseTooMany(filled.length);
  return filled.map((index) => parsed(lines[index] ?? "", `line ${index + 1}`));
}

/** Plain JSON.parse: a key called `__proto__` becomes an ordinary property, and of two equal keys the last counts. */
function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WaggleError("malformed_json", `${what} is not JSON`, { cause });
  }
}
