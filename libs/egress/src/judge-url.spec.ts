import { createEgressPolicy, type EgressPolicyOptions } from "./egress-policy";
import { judgeUrl } from "./judge-url";
import type { RefusalReason } from "./verdict";

const policyWith = (options: Partial<EgressPolicyOptions>) =>
  createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: [], ...options });

const strict = policyWith({});

async function neverAsked(name: string): Promise<never> {
  throw new Error(`resolved ${name}`);
}

async function reasonFor(url: string): Promise<RefusalReason | "allowed"> {
  const verdict = await judgeUrl(strict, url, { resolve: neverAsked });
  return verdict.allowed ? "allowed" : verdict.reason;
}

const HOSTILE: Readonly<Record<Exclude<RefusalReason, "url_too_long" | "http_not_allowed">, readonly string[]>> = {
  address_not_allowed: [
    // IPv4 in every spelling a URL parser understands
    "https://127.0.0.1",
    "https://127.1/",
    "https://127.0.0.1:8443/",
    "HTTPS://0X7F.0.0.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0x7F000001/",
    "https://017700000001/",
    "https://0177.0.0.01/",
    "https://0x7f.0.1/",
    "https://127.0.0.1./",
    "https://0/",
    "https://0x/",
    "https://00/",
    "https://0.0.0.0/",
    "https://0000.0000.0000.0000/",
    "https://10.0/",
    "https://167772161/",
    "https://192.168.257/",
    "https://3232235521/",
    "https://169.254.43518/",
    "https://0xa9.254.0251.0xfe/",
    "https://169.0xfea9fe/",
    "https://255.255.255.255/",
    "https://4294967295/",
    "https://１２７.０.０.１/",
    "https://１２７．０．０．１/",
    "https://127｡0｡0｡1/",
    "https://127。1/",
    "https://①②⑦.①/",
    "https://𝟙𝟚𝟟.𝟘.𝟘.𝟙/",
    "https://²¹³⁰⁷⁰⁶⁴³³/",
    "https://０ｘ７ｆ.1/",
    "https://%30%78%37%66.1/",
    "https://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    // cloud platforms
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/",
    "https://192.0.0.192/",
    "https://168.63.129.16/",
    "https://[fd00:ec2::254]/",
    // IPv6
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::FFFF:169.254.169.254]/",
    "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::a9fe:a9fe]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[2001:10::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://[3fff::1]/",
    "https://[::1]/",
    // the address decides before the port does
    "https://127.0.0.1:6379/",
  ],
  name_not_allowed: [
    "https://LOCALHOST/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://%6c%6f%63alhost/",
    "https://local\u00adhost/",
    "https://localhost:8443/",
    "https://a.b.localhost./",
    "https://intranet/",
    "https://xn--bcher-kva/",
    "https://com./",
    "https://printer.local/",
    "https://printer.LOCAL/",
    "https://printer。local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://METADATA.GOOGLE.INTERNAL./",
    "https://metadata.google.ｉｎｔｅｒｎａｌ/",
    "https://instance-data.ec2.internal/",
    "https://host.docker.internal/",
    "https://localhost.localdomain/",
    "https://home.arpa/",
    "https://router.home.arpa/",
    "https://in-addr.arpa/",
    "https://postgres.default.svc/",
    "https://postgres.default.svc.cluster.local/",
    "https://a.test/",
    "https://a.invalid/",
    "https://expyuzz4wqqyqhjn.onion/",
    "https://www.example/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://kafka:9092/",
  ],
  name_malformed: [
    "https://example..com/",
    "https://.example.com/",
    "https://example.com../",
    "https://localhost../",
    "https://example.com。。/",
    "https://./",
    `https://${"a".repeat(64)}.com/`,
    `https://${"a.".repeat(126)}com/`,
  ],
  port_not_allowed: [
    "https://hooks.acme.com:0/",
    "https://hooks.acme.com:00022/",
    "http://8.8.8.8:22/",
    "https://[2606:4700:4700::1111]:6443/",
    ...[22, 25, 2375, 2379, 3306, 5432, 5672, 6379, 6443, 8500, 9092, 9200, 10250, 11211, 27017].map(
      (port) => `https://hooks.acme.com:${port}/`,
    ),
  ],
  unparsable: [
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://1.1.0xgg.1/",
    "https://0x100000000/",
    "https://127.0.0.0x100/",
    "https://08.8.8.8/",
    "https://hooks.acme.1/",
    "https://[::1%25lo]/",
    "https://[fe80::1%eth0]/",
    "https://[::1/",
    "https://::1/",
    "https://[127.0.0.1]/",
    "https://[::ffff:127.0.0.1.]/",
    "https://[1:2:3]/",
    "https://hooks.acme.com:65536/",
    "https://hooks.acme.com:-1/",
    "https://hooks.acme.com:80:80/",
    "https://hooks.acme.com:２２/",
    "https://hooks.acme.com:0x16/",
    "https://exa%00mple.com/",
    "https://exa%20mple.com/",
    "https://exa%0Ample.com/",
    "https://acme.com%2fevil.com/",
    "https://acme.com%40127.0.0.1/",
    "https://acme.com%23.evil.com/",
    "https://acme.com%3Fx/",
    "https://acme.com／evil.com/",
    "https://acme.com＠127.0.0.1/",
    "https://acme.com℀.evil.com/",
    "https://exa<mple.com/",
    "https://xn--a/",
    "https://%zz.com/",
  ],
  user_info: [
    "https://user@hooks.acme.com/",
    "https://user:@hooks.acme.com/",
    "https://:pass@hooks.acme.com/",
    "https://@hooks.acme.com/",
    "https://hooks.acme.com@127.0.0.1/",
    "https://a@b@hooks.acme.com/",
    "https://hooks.acme.com:443@127.0.0.1/",
    "https://hooks.acme.com%2f@127.0.0.1/",
    "http://hooks.acme.com:80+&@127.0.0.1/",
  ],
  fragment_with_at: [
    "https://hooks.acme.com#@127.0.0.1/",
    "https://hooks.acme.com/#@127.0.0.1/",
    "https://hooks.acme.com#a@127.0.0.1/",
    "https://hooks.acme.com/path?query#@",
  ],
  backslash: [
    "https:\\\\hooks.acme.com/",
    "https:/\\hooks.acme.com/",
    "https://hooks.acme.com\\@127.0.0.1/",
    "https://hooks.acme.com/a\\b",
    "https://127.0.0.1\\.acme.com/",
  ],
  control_character: [
    " https://hooks.acme.com/",
    "https://hooks.acme.com/ ",
    "https://hooks.acme.com/a b",
    "https://hooks.acme.com/\r\nHost: evil",
    "ht\ntps://hooks.acme.com/",
    "https://hooks\t.acme.com/",
    "\u0000https://hooks.acme.com/",
    "https://hooks.acme.com/\u007f",
    "https://hooks.acme.com/\u0085",
    "https://hooks.acme.com/\u00a0",
    "https://hooks.acme.com/\u2028",
    "https://hooks.acme.com/\u3000",
    "\ufeffhttps://hooks.acme.com/",
    "https://hooks.acme.com/\ud800",
  ],
  wrong_form: [
    "",
    "hooks.acme.com",
    "//hooks.acme.com/",
    "/relative",
    "https:hooks.acme.com",
    "https:/hooks.acme.com",
    "https:///hooks.acme.com",
    "https:////hooks.acme.com",
    "https://",
    "https:///",
    "https://?x",
    "https://#x",
    "ftp://hooks.acme.com/",
    "ws://hooks.acme.com/",
    "file://hooks.acme.com/etc/passwd",
    "gopher://hooks.acme.com:6379/_",
    "data:text/plain,x",
    "blob:https://hooks.acme.com/x",
    "jar:https://hooks.acme.com!/",
    "view-source:https://hooks.acme.com/",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "httpss://hooks.acme.com/",
    "ｈttps://hooks.acme.com/",
  ],
};

for (const [reason, urls] of Object.entries(HOSTILE)) {
  test.each(urls)(`${reason}: %j`, async (url) => {
    await expect(reasonFor(url)).resolves.toBe(reason);
  });
}

test.each([
  "https://hooks.acme.com",
  "https://hooks.acme.com/",
  "HTTPS://HOOKS.ACME.COM/Path",
  "http://hooks.acme.com/",
  "https://hooks.acme.com./",
  "https://hooks.acme.com:443/",
  "https://hooks.acme.com:/",
  "https://hooks.acme.com:8443/a/b?c=d&e=f@g#h",
  "https://hooks.acme.com/@scope/hook?to=a@b.c",
  "https://hooks.acme.com/a//b/../c/%2e%2e/%0d%0a",
  "https://hooks.acme.com/ä/日本?ü=ß",
  "https://münchen.de/",
  "https://xn--mnchen-3ya.de/",
  "https://例え.jp/",
  "https://faß.de/",
  "https://hooks_1.acme.com/",
  "https://localhost.acme.com/",
  "https://notlocal.com/",
  "https://mylocalhost.com/",
  "https://internal.acme.com/",
  "https://svc.acme.com/",
  "https://example.com/",
  "https://contest.example.org/",
  "https://127.0.0.1.nip.io/",
  "https://10.0.0.1.sslip.io/",
  "https://localtest.me/",
  "https://8.8.8.8/",
  "https://0x08080808/",
  "https://134744072/",
  "https://[2606:4700:4700::1111]/",
  "https://[2001:4860:4860:0:0:0:0:8888]:8443/x",
  `https://${"a".repeat(63)}.com/`,
])("allowed: %s", async (url) => {
  await expect(reasonFor(url)).resolves.toBe("allowed");
});

test("an allowed verdict carries the URL as the dialler will see it", async () => {
  const verdict = await judgeUrl(strict, "HTTPS://Hooks.Acme.COM:443/a/../b", { resolve: neverAsked });
  expect(verdict.allowed ? verdict.url.href : undefined).toBe("https://hooks.acme.com/b");
});

describe("the length limit", () => {
  const ofLength = (length: number): string => "https://hooks.acme.com/".padEnd(length, "a");

  test("2,048 characters are allowed, 2,049 are not", async () => {
    await expect(reasonFor(ofLength(2048))).resolves.toBe("allowed");
    await expect(reasonFor(ofLength(2049))).resolves.toBe("url_too_long");
  });

  test("an enormous URL is refused without being looked at", async () => {
    await expect(reasonFor("#".repeat(5_000_000))).resolves.toBe("url_too_long");
  });
});

test("plain http is refused unless it is allowed, on every host", async () => {
  const httpsOnly = policyWith({ allowHttpUrls: false });
  const http = await judgeUrl(httpsOnly, "http://hooks.acme.com/", { resolve: neverAsked });
  expect(http).toMatchObject({ allowed: false, reason: "http_not_allowed" });
  const https = await judgeUrl(httpsOnly, "https://hooks.acme.com/", { resolve: neverAsked });
  expect(https.allowed).toBe(true);
});

describe("with private ranges allowed", () => {
  const local = policyWith({ allowedPrivateCidrs: ["127.0.0.0/8", "::1/128"] });
  const answering = (...addresses: string[]) => ({ resolve: async () => addresses });

  test.each([
    ["all its addresses lie inside", ["127.0.0.1", "::1"], true],
    ["one lies outside", ["127.0.0.1", "10.0.0.1"], false],
    ["one is public", ["127.0.0.1", "8.8.8.8"], false],
    ["one is the mapped spelling of an allowed one", ["127.0.0.1", "::ffff:127.0.0.1"], false],
    ["it has none", [], false],
  ])("a private name is judged by what it resolves to: %s", async (_, addresses, allowed) => {
    for (const name of ["localhost", "app.localhost", "receiver", "receiver.internal"]) {
      const verdict = await judgeUrl(local, `http://${name}:8080/`, answering(...addresses));
      expect(verdict).toMatchObject(allowed ? { allowed } : { allowed, reason: "name_not_allowed" });
    }
  });

  test("a private name is resolved without its trailing dot, in lower case", async () => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return ["127.0.0.1"];
    };
    await judgeUrl(local, "http://LOCALHOST./", { resolve });
    expect(asked).toEqual(["localhost"]);
  });

  test("a private name that cannot be resolved is refused, and says nothing about the network inside", async () => {
    const failed = await judgeUrl(local, "http://db.internal/", { resolve: neverAsked });
    const outside = await judgeUrl(local, "http://db.internal/", answering("10.1.2.3"));
    expect(failed).toMatchObject({ allowed: false, reason: "name_not_allowed" });
    expect(outside).toEqual(failed);
  });

  test("a public name is not resolved even then", async () => {
    await expect(judgeUrl(local, "http://hooks.acme.com/", { resolve: neverAsked })).resolves.toMatchObject({
      allowed: true,
    });
  });

  test("addresses inside pass, others and denied ports do not", async () => {
    const verdictOn = async (url: string) => (await judgeUrl(local, url, { resolve: neverAsked })).allowed;
    expect(await verdictOn("http://127.0.0.1:8080/")).toBe(true);
    expect(await verdictOn("http://2130706433/")).toBe(true);
    expect(await verdictOn("http://[::1]:8080/")).toBe(true);
    expect(await verdictOn("http://10.0.0.1/")).toBe(false);
    expect(await verdictOn("http://[::ffff:127.0.0.1]/")).toBe(false);
    expect(await verdictOn("http://127.0.0.1:6379/")).toBe(false);
  });
});

test("blocked hosts and ports are counted at the write stage, malformed URLs are not", async () => {
  const stages: string[] = [];
  const counting = policyWith({ onRefused: (stage) => stages.push(stage) });
  for (const url of ["https://10.0.0.1/", "https://localhost/", "https://hooks.acme.com:22/"]) {
    await judgeUrl(counting, url, { resolve: neverAsked });
  }
  for (const url of ["nonsense", "https://hooks.acme.com/", "https://user@hooks.acme.com/"]) {
    await judgeUrl(counting, url, { resolve: neverAsked });
  }
  expect(stages).toEqual(["write", "write", "write"]);
});
