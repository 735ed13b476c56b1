import { AUDIT_ACTIONS } from "@waggle/contracts";
import { textOf } from "./repository-files";

it("docs/audit-log.md describes every action that is recorded, and no other", () => {
  const described = [...textOf("docs/audit-log.md").matchAll(/^\| `([a-z_]+\.[a-z_]+)` \|/gm)].map(([, name]) => name);

  expect(described).toEqual(AUDIT_ACTIONS);
});
