import { decodeLogCursor, encodeLogCursor } from "./log-cursor";

const position = { accepted_at: Date.UTC(2026, 3, 17), delivery_id: "dlv_0123456789abcdef0123456789abcdef" };

test("a cursor leads back to its place", () => {
  expect(decodeLogCursor(encodeLogCursor(position))).toEqual(position);
});

test.each([
  ["other text", "next"],
  ["a cursor with something added", `${encodeLogCursor(position)}A`],
  ["a time that does not exist", encodeLogCursor({ ...position, accepted_at: 8_640_000_000_000_001 })],
  ["no time", Buffer.from("/dlv_1").toString("base64url")],
  ["an id that cannot be one", encodeLogCursor({ ...position, delivery_id: "dlv\0" })],
])("%s is none", (_what, cursor) => {
  expect(decodeLogCursor(cursor)).toBeNull();
});
