import { announcedBytes, SmtpSession } from "./smtp-session";

describe("SmtpSession", () => {
  it("keeps the best that became of it, whatever comes later", () => {
    const session = new SmtpSession();
    expect(session.result).toBe("empty");
    for (const [noted, result] of [
      ["refused", "refused"],
      ["deferred", "deferred"],
      ["broken", "deferred"],
      ["accepted", "accepted"],
      ["refused", "accepted"],
    ] as const) {
      session.note(noted);
      expect(session.result).toBe(result);
    }
  });

  it("counts the recipients that are none of ours", () => {
    const session = new SmtpSession();
    session.refuseRecipient();
    session.refuseRecipient();
    expect([session.refusedRecipients, session.result]).toEqual([2, "refused"]);
  });
});

describe("announcedBytes", () => {
  it.each([
    ["SIZE=500", { SIZE: "500" } as const, 500],
    ["another parameter", { BODY: "8BITMIME" } as const, 0],
    ["no parameter", false as const, 0],
  ])("understands %s", (_name, args, bytes) => {
    expect(announcedBytes({ mailFrom: { address: "a@example.com", args }, rcptTo: [] })).toBe(bytes);
  });

  it("is 0 before there is a sender", () => {
    expect(announcedBytes({ mailFrom: false, rcptTo: [] })).toBe(0);
  });
});
