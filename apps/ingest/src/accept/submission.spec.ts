import { submissionOf, submissionOfList } from "./submission";

const open = { type: "open", data: { email_id: "m", to: "a@example.com" } };

describe("submissionOf", () => {
  it("takes a body without events as one event, named by the body itself", () => {
    const submission = submissionOf(open);
    expect(submission).toMatchObject({ values: [open], errors: [] });
    expect(submission.path(0)).toEqual([]);
  });

  it("takes a body with events as a list, each named by its index", () => {
    const submission = submissionOf({ events: [open, open] });
    expect(submission).toMatchObject({ values: [open, open], errors: [] });
    expect(submission.path(1)).toEqual(["events", 1]);
  });

  it.each([[[open]], ["text"], [null], [7]])("leaves %j to be refused as an event", (body) => {
    expect(submissionOf(body)).toMatchObject({ values: [body], errors: [] });
  });

  it("names what stands beside events", () => {
    expect(submissionOf({ events: [open], type: "open", "a/b": 1 }).errors).toEqual([
      { path: "/type", message: "is not a known field" },
      { path: "/a~1b", message: "is not a known field" },
    ]);
  });

  it.each([[null], [{}], ["text"]])("refuses %j as events", (events) => {
    expect(submissionOf({ events }).errors).toEqual([{ path: "/events", message: "must be a list of events" }]);
  });

  it("refuses an empty list", () => {
    const errors = [{ path: "/events", message: "must hold at least one event" }];
    expect(submissionOf({ events: [] }).errors).toEqual(errors);
    expect(submissionOfList([]).errors).toEqual(errors);
  });

  it("takes 1,000 events and no more", () => {
    const events = (count: number) => Array.from({ length: count }, () => open);
    expect(submissionOf({ events: events(1_000) }).values).toHaveLength(1_000);
    const tooMany = expect.objectContaining({ code: "too_many_events" });
    expect(() => submissionOf({ events: events(1_001) })).toThrow(tooMany);
    expect(() => submissionOfList(events(1_001))).toThrow(tooMany);
  });
});
