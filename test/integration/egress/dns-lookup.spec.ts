import { pbkdf2 } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { createDnsLookup, type DnsLookupOptions, type LookupHost } from "@waggle/egress";
import { type AddressFamily, type StubAnswer, type StubDnsServer, startStubDnsServer } from "./stub-dns-server";

const ZONE: Readonly<Record<string, Partial<Record<AddressFamily, StubAnswer>>>> = {
  "both.acme.com": { A: ["192.0.2.1", "192.0.2.2"], AAAA: ["2606:4700:4700:0:0:0:0:1111"] },
  "ipv4.acme.com": { A: ["192.0.2.1"], AAAA: [] },
  "ipv6.acme.com": { A: [], AAAA: ["2606:4700:4700:0:0:0:0:1111"] },
  "broken-aaaa.acme.com": { A: ["192.0.2.1"], AAAA: "server_failure" },
  "silent-aaaa.acme.com": { A: ["192.0.2.1"], AAAA: "silence" },
  "failing.acme.com": { A: "server_failure", AAAA: "server_failure" },
};

let dns: StubDnsServer;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dns-lookup-"));
  await writeFile(join(directory, "hosts"), "10.0.0.7 listed.acme.com\n");
  dns = await startStubDnsServer((name, family) =>
    name.startsWith("hanging") ? "silence" : (ZONE[name]?.[family] ?? "name_error"),
  );
});
afterAll(async () => {
  await dns.close();
  await rm(directory, { recursive: true });
});

const lookupWith = (options: DnsLookupOptions = {}): LookupHost =>
  createDnsLookup({ servers: [dns.server], hostsFile: join(directory, "hosts"), ...options });

test.each([
  ["both.acme.com", ["192.0.2.1", "192.0.2.2", "2606:4700:4700::1111"]],
  ["ipv4.acme.com", ["192.0.2.1"]],
  ["ipv6.acme.com", ["2606:4700:4700::1111"]],
  ["broken-aaaa.acme.com", ["192.0.2.1"]],
])("%s resolves to all its addresses, IPv4 first", async (name, addresses) => {
  await expect(lookupWith()(name)).resolves.toEqual(addresses);
});

test("a family that is never answered does not fail the other one", async () => {
  await expect(lookupWith({ timeoutMs: 300 })("silent-aaaa.acme.com")).resolves.toEqual(["192.0.2.1"]);
});

test.each(["unknown.acme.com", "failing.acme.com"])("%s is dns_failed", async (name) => {
  await expect(lookupWith()(name)).rejects.toMatchObject({ code: "dns_failed" });
});

test("a name server that never answers is a timeout, at the time limit", async () => {
  await expect(lookupWith({ timeoutMs: 200 })("hanging.acme.com")).rejects.toMatchObject({ code: "timeout" });
});

test("a name server that is not there is dns_failed, not a refused connection", async () => {
  const gone = await startStubDnsServer(() => "silence");
  await gone.close();
  await expect(lookupWith({ servers: [gone.server] })("both.acme.com")).rejects.toMatchObject({ code: "dns_failed" });
});

test("the hosts file comes before DNS, and localhost never reaches it", async () => {
  const before = dns.questions.length;
  await expect(lookupWith()("listed.acme.com")).resolves.toEqual(["10.0.0.7"]);
  await expect(lookupWith()("localhost")).resolves.toEqual(["127.0.0.1", "::1"]);
  await expect(lookupWith()("app.localhost")).resolves.toEqual(["127.0.0.1", "::1"]);
  expect(dns.questions.length).toBe(before);
});

test("names are asked for as they are, one label included", async () => {
  const before = dns.questions.length;
  await expect(lookupWith()("receiver")).rejects.toMatchObject({ code: "dns_failed" });
  expect(new Set(dns.questions.slice(before))).toEqual(new Set(["A receiver", "AAAA receiver"]));
});

test("lookups of one name at the same time are one question, later ones ask again", async () => {
  const lookup = lookupWith();
  const before = dns.questions.length;
  await Promise.all(Array.from({ length: 50 }, () => lookup("both.acme.com")));
  expect(dns.questions.length - before).toBe(2);
  await lookup("both.acme.com");
  expect(dns.questions.length - before).toBe(4);
});

test("a hundred hanging names delay neither another name nor the thread pool", async () => {
  const lookup = lookupWith({ timeoutMs: 1_000 });
  let open = 100;
  const hanging = Array.from({ length: open }, (_, index) =>
    lookup(`hanging-${index}.acme.com`).catch(() => {
      open -= 1;
    }),
  );
  await expect(lookup("ipv4.acme.com")).resolves.toEqual(["192.0.2.1"]);
  await promisify(pbkdf2)("secret", "salt", 1, 16, "sha256");
  expect(open).toBe(100);
  await Promise.all(hanging);
});

test("a name beyond the bound waits for a place, but not longer than its share of the time", async () => {
  const lookup = lookupWith({ timeoutMs: 1_000, maxConcurrent: 1 });
  const first = lookup("hanging-first.acme.com");
  while (!dns.questions.includes("A hanging-first.acme.com")) await setImmediate();
  await expect(Promise.race([lookup("ipv4.acme.com"), first])).rejects.toMatchObject({
    code: "timeout",
    detail: "too many names are being resolved",
  });
  await expect(first).rejects.toMatchObject({ code: "timeout" });
  await expect(lookup("ipv4.acme.com")).resolves.toEqual(["192.0.2.1"]);
});
