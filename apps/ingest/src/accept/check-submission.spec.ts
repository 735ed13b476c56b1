import { type FieldError, WaggleError } from "@waggle/domain";
import { checkSubmission } from "./check-submission";
import { submissionOf } from "./submission";

function open(more: object = {}, data: object = {}): object {
  return { type: "open", data: { email_id: "m", to: "a@example.com", ...data }, ...more };
}

function refusal(body: unknown): { readonly code: string; readonly errors: readonly FieldError[] } {
  try {
    checkSubmission(submissionOf(body));
  } catch (error) {
    if (error instanceof WaggleError) return { code: error.code, errors: error.errors };
    throw error;
  }
  return { code: "accepted", errors: [] };
}

/** An event whose JSON has exactly so many bytes. */
function eventOf(bytes: number): object {
  const bare = open({}, { own: "" });
  return open({}, { own: "x".repeat(bytes - Buffer.byteLength(JSON.stringify(bare))) });
}

describe("checkSubmission", () => {
  it("returns every event of a good request, in order", () => {
    const events = [open({ id: "a" }), open(), open({ id: "c", type: "spam_complaint" })];
    expect(checkSubmission(submissionOf({ events })).map(({ id, type }) => [id, type])).toEqual([
      ["a", "open"],
      [undefined, "open"],
      ["c", "complaint"],
    ]);
  });

  it("names each wrong field of each event by its place in the body", () => {
    const events = [open(), { type: "nope", data: { to: 3, tags: [1] }, extra: 1 }, open({ created_at: "today" }), 7];
    expect(refusal({ events })).toEqual({
      code: "validation_failed",
      errors: [
        { path: "/events/1/type", message: "must be one of delivery, bounce, complaint, open, click" },
        { path: "/events/1/extra", message: "is not a known field" },
        { path: "/events/1/data/email_id", message: "is required" },
        { path: "/events/1/data/to", message: "must be a string" },
        { path: "/events/1/data/tags/0", message: "must be a string" },
        {
          path: "/events/2/created_at",
          message: "must be an ISO 8601 instant with a zone, such as 2026-04-17T12:34:56Z",
        },
        { path: "/events/3", message: "must be an object" },
      ],
    });
  });

  it("names the fields of a single event without a prefix", () => {
    expect(refusal({ type: "open", data: { email_id: "m" } }).errors).toEqual([
      { path: "/data/to", message: "is required" },
    ]);
  });

  it.each([[null], [7], ["text"], [[]], [[open()]]])("refuses %j as a whole", (body) => {
    expect(refusal(body)).toEqual({
      code: "validation_failed",
      errors: [{ path: "", message: "must be an object" }],
    });
  });

  it("says what is wrong around the events and inside them at once", () => {
    expect(refusal({ events: [open({ id: "" })], more: 1 }).errors.map(({ path }) => path)).toEqual([
      "/more",
      "/events/0/id",
    ]);
  });

  it("calls an id that comes again duplicate_id, at every later occurrence", () => {
    expect(refusal({ events: [open({ id: "a" }), open({ id: "b" }), open({ id: "a" }), open({ id: "a" })] })).toEqual({
      code: "duplicate_id",
      errors: [
        { path: "/events/2/id", message: "is the same as /events/0/id" },
        { path: "/events/3/id", message: "is the same as /events/0/id" },
      ],
    });
  });

  it("calls a repeated id one of the wrong fields when there are others", () => {
    const { code, errors } = refusal({ events: [open({ id: "a" }), open({ id: "a", type: "nope" })] });
    expect(code).toBe("validation_failed");
    expect(errors.map(({ path }) => path)).toEqual(["/events/1/type", "/events/1/id"]);
  });

  it("does not take events without an id for the same one", () => {
    expect(refusal({ events: [open(), open()] }).code).toBe("accepted");
  });

  it("takes an event of 256 KiB and no more", () => {
    expect(refusal(eventOf(262_144)).code).toBe("accepted");
    expect(refusal({ events: [open(), eventOf(262_145)] })).toEqual({
      code: "validation_failed",
      errors: [{ path: "/events/1", message: "must have at most 262144 bytes" }],
    });
  });

  it("refuses events that grow beyond 5 MiB when their numbers are written out", () => {
    const own = Array.from({ length: 11_000 }, () => 1e20);
    expect(refusal({ events: Array.from({ length: 21 }, () => open({}, { own })) }).code).toBe("accepted");
    expect(refusal({ events: Array.from({ length: 22 }, () => open({}, { own })) }).code).toBe("payload_too_large");
  });

  it("refuses what is nested too deep beside other wrong fields of other events", () => {
    const deep = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
    const { errors } = refusal({ events: [open({}, { deep }), open({ id: "" })] });
    expect(errors).toHaveLength(2);
    expect(errors[0]?.path).toMatch(/^\/events\/0\/data\/deep\/0/);
    expect(errors[1]?.path).toBe("/events/1/id");
  });

  it("names a number too large to be passed on beside the other wrong fields", () => {
    expect(refusal(JSON.parse('{"type":"open","data":{"to":"a","own":1e400}}')).errors.map(({ path }) => path)).toEqual(
      ["/data/email_id", "/data/own"],
    );
  });

  it("lists at most 100 wrong fields, however many there are", () => {
    const unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
    expect(refusal({ events: [open(unknown), open(unknown)] }).errors).toHaveLength(100);
    expect(refusal({ events: Array.from({ length: 1_000 }, () => 7) }).errors).toHaveLength(100);
  });
});
