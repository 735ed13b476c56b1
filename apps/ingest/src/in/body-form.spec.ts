import { bodyForm } from "./body-form";

describe("bodyForm", () => {
  it.each([
    ["application/json", "json"],
    ["Application/JSON; charset=UTF-8", "json"],
    ['application/json;charset="utf-8"', "json"],
    ["application/json; charset=us-ascii; profile=x", "json"],
    ["application/x-ndjson", "ndjson"],
    ["application/x-ndjson; charset=utf8", "ndjson"],
  ])("reads %s as %s", (contentType, form) => {
    expect(bodyForm({ "content-type": contentType })).toBe(form);
  });

  it("takes a body without a content type for JSON", () => {
    expect(bodyForm({})).toBe("json");
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/cloudevents+json",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/x-ndjson; charset=iso-8859-1",
    "",
    "toString",
  ])("refuses %j", (contentType) => {
    const unsupported = expect.objectContaining({ code: "unsupported_media_type" });
    expect(() => bodyForm({ "content-type": contentType })).toThrow(unsupported);
  });

  it("refuses a compressed body", () => {
    const unsupported = expect.objectContaining({ code: "unsupported_media_type" });
    expect(() => bodyForm({ "content-encoding": "gzip" })).toThrow(unsupported);
    expect(bodyForm({ "content-encoding": "identity" })).toBe("json");
  });
});
