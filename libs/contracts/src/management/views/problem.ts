import { z } from "zod";
import { PROBLEM_CODES } from "../../problem";

/** What every refused request is answered with. Source: RFC 9457, contract §4 "Errors". */
export const problemSchema = z
  .object({
    type: z.string().meta({ format: "uri", description: "`urn:waggle:problem:` and the code." }),
    title: z.string().describe("For people; may change."),
    status: z.int(),
    code: z.enum(PROBLEM_CODES).describe("What programs decide by. docs/errors.md says what to do about each."),
    detail: z.string().describe("For people; may change."),
    errors: z
      .array(
        z.object({ path: z.string().describe("A JSON Pointer (RFC 6901) into what was sent."), message: z.string() }),
      )
      .describe("One entry per wrong field; empty when no single field is to blame."),
  })
  .meta({ id: "Problem", description: "Why a request was refused (RFC 9457)." });
