import fc from "fast-check";
import { attachmentNamed } from "./download";

it.each([
  ["report.pdf", `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ["Größe 10%.txt", `attachment; filename="Gr__e 10_.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%2010%25.txt`],
  ['a"b;c.txt', `attachment; filename="a_b;c.txt"; filename*=UTF-8''a_b%3Bc.txt`],
  ["../../etc/passwd", `attachment; filename="__.._etc_passwd"; filename*=UTF-8''__.._etc_passwd`],
  ["a\r\nSet-Cookie: b", `attachment; filename="a_Set-Cookie_ b"; filename*=UTF-8''a_Set-Cookie_%20b`],
  ["gpj.\u202Eexe", `attachment; filename="gpj._exe"; filename*=UTF-8''gpj._exe`],
])("%j is saved under a name that is only a name", (name, header) => {
  expect(attachmentNamed(name)).toBe(header);
});

it("is one header value whatever the name is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const header = attachmentNamed(name);
      expect(header).toMatch(/^attachment; filename="[^"\\%]*"; filename\*=UTF-8''[\w.%-]*$/);
      expect(header).toMatch(/^[ -~]*$/);
    }),
  );
});
