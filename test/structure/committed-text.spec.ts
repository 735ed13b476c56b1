import { filesBelow, textOf } from "./repository-files";

/** What holds on one machine only. The brackets, here and below, keep this file from finding itself. */
const machinePath = /(?<![\w.~-])\/(home|Users|root|work)[/][\w.-]+|[A-Z]:[\\]Users/;
/** Where packages came from is for each machine to say, in its own npm and Maven settings. */
const packageHost =
  /registry[.]npmjs|registry[.]yarnpkg|npm[.]pkg[.]github|[.]pkg[.]dev|repo1?[.]maven|artifactory[.]|"resolved": "[h]ttp/;

const binary = /[.](png|jpg|ico|woff2?|pem|der|gz)$/;

it.each([
  ["a path of somebody's machine", machinePath],
  ["the host of a package registry", packageHost],
])("holds nowhere %s", (_what, pattern) => {
  const files = filesBelow(".").filter((file) => !binary.test(file));

  expect(files).toContain("package-lock.json");
  expect(files.filter((file) => pattern.test(textOf(file)))).toEqual([]);
});

it.each([
  ["home", "ann", "waggle"],
  ["root", ".npmrc"],
])("would find /%s/%s", (...parts) => {
  expect(`see /${parts.join("/")}`).toMatch(machinePath);
});
