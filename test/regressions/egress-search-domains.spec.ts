import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startStubDnsServer } from "../integration/egress/stub-dns-server";

/**
 * getaddrinfo turns `hooks.acme.com` into `hooks.acme.com.<search domain>` when the name itself is not found, which
 * would let a stranger's name reach ours. The guard relies on Node's resolver never doing so; the search domain is
 * read when a process starts, so this takes one of its own.
 */
const SCRIPT = `
  const { Resolver } = require("node:dns").promises;
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([process.argv[1]]);
  const names = ["receiver", "hooks.acme.com"];
  Promise.all(names.flatMap((name) => [resolver.resolve4(name), resolver.resolve6(name)].map((answer) => answer.catch(() => []))));
`;

test("the resolver asks for a name as it is, whatever the machine's search domain", async () => {
  const dns = await startStubDnsServer(() => "name_error");
  const env = { LOCALDOMAIN: "corp.internal", RES_OPTIONS: "ndots:5" };
  await promisify(execFile)(process.execPath, ["-e", SCRIPT, dns.server], { env });
  expect(new Set(dns.questions)).toEqual(
    new Set(["A receiver", "AAAA receiver", "A hooks.acme.com", "AAAA hooks.acme.com"]),
  );
  await dns.close();
});
