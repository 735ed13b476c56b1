import { storableText } from "./storable-text";

test("what PostgreSQL cannot hold is replaced, one mark per character", () => {
  expect(storableText("a\0b\ud800c\udc00")).toBe("a\ufffdb\ufffdc\ufffd");
});

test("everything else stays, whole surrogate pairs too", () => {
  const text = "Zustellung nicht möglich 📮 \u0001\t\n\u2028";
  expect(storableText(text)).toBe(text);
});
