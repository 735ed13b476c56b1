import { WaggleError } from "@waggle/domain";
import type { Caller } from "../caller";
import { Doorkeeper, type RateReport } from "./doorkeeper";

const keyOf = (key_id: string): Caller => ({ kind: "api_key", key_id, tenant_id: "ten_1", scopes: ["manage"] });

/** A door where `admin` is the operator and tokens that begin with `key` are API keys, and what happened at it. */
function aDoor({ perSecond = 1, burst = 3 } = {}) {
  const reports: RateReport[] = [];
  const lookedUp: string[] = [];
  const revoked = new Set<string>();
  let now = 0;
  const doorkeeper = new Doorkeeper({
    authenticator: {
      authenticate: async (token) => {
        lookedUp.push(token);
        if (token === "admin") return { kind: "operator" };
        if (token.startsWith("key") && !revoked.has(token)) return keyOf(token);
        throw new WaggleError(token === "away" ? "database_unavailable" : "unauthorized", "no");
      },
    },
    limit: { perSecond, burst },
    trustedProxies: ["10.0.0.0/8"],
    clock: () => now,
  });
  const knock = async (token: string | null, peer = "203.0.113.1", forwardedFor?: string): Promise<string> => {
    try {
      const caller = await doorkeeper.admit({
        token: () => {
          if (token === null) throw new WaggleError("unauthorized", "none");
          return token;
        },
        origin: { peer, forwardedFor },
        onRate: (report) => reports.push(report),
      });
      return caller.kind;
    } catch (error) {
      if (!(error instanceof WaggleError)) throw error;
      return error.retryAfterS === null ? error.code : `${error.code} ${error.retryAfterS}`;
    }
  };
  return { knock, reports, lookedUp, revoked, pass: (ms: number) => (now += ms) };
}

async function times(count: number, knock: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < count; i++) answers.push(await knock());
  return answers;
}

it("gives each API key its own share, wherever it comes from", async () => {
  const { knock, pass } = aDoor();
  expect(await times(4, () => knock("key1"))).toEqual(["api_key", "api_key", "api_key", "rate_limited 1"]);
  expect(await knock("key1", "203.0.113.2")).toBe("rate_limited 1");
  expect(await knock("key2")).toBe("api_key");
  pass(1_000);
  expect(await times(2, () => knock("key1"))).toEqual(["api_key", "rate_limited 1"]);
});

it("tells what is left, once a visit", async () => {
  const { knock, reports } = aDoor();
  await times(4, () => knock("key1"));
  expect(reports).toMatchObject(
    [2, 1, 0, 0].map((remaining) => ({ policy: "key", limit: { perSecond: 1, burst: 3 }, remaining })),
  );
  await times(4, () => knock("wrong"));
  expect(reports.slice(4)).toMatchObject([2, 1, 0, 0].map((remaining) => ({ policy: "address", remaining })));
});

it("does not limit the operator", async () => {
  const { knock, reports } = aDoor();
  expect(new Set(await times(100, () => knock("admin")))).toEqual(new Set(["operator"]));
  expect(reports).toEqual([]);
});

it("counts wrong tokens and none by address, and looks up no more of them when there were too many", async () => {
  const { knock, lookedUp, pass } = aDoor();
  expect(await knock(null)).toBe("unauthorized");
  expect(await times(4, () => knock("wrong"))).toEqual([
    "unauthorized",
    "unauthorized",
    "rate_limited 1",
    "rate_limited 1",
  ]);
  expect(await knock("key1")).toBe("rate_limited 1");
  expect(lookedUp).toEqual(["wrong", "wrong"]);
  expect(await knock("wrong", "203.0.113.2")).toBe("unauthorized");
  pass(1_000);
  expect(await knock("key1")).toBe("api_key");
});

it("goes on letting in who was good before, beside who hammers", async () => {
  const { knock } = aDoor();
  expect([await knock("key1"), await knock("admin")]).toEqual(["api_key", "operator"]);
  await times(9, () => knock("wrong"));
  expect([await knock("key1"), await knock("admin"), await knock("key2")]).toEqual([
    "api_key",
    "operator",
    "rate_limited 1",
  ]);
});

it("no longer looks up who was good before and is not any more", async () => {
  const { knock, lookedUp, revoked } = aDoor();
  await knock("key1");
  revoked.add("key1");
  await times(9, () => knock("key1"));
  expect(lookedUp).toEqual(["key1", "key1", "key1", "key1"]);
});

it("tells apart who comes through a proxy of ours, and nobody else who says so", async () => {
  const { knock } = aDoor();
  await times(3, () => knock("wrong", "10.0.0.1", "198.51.100.1"));
  expect(await knock("wrong", "10.0.0.1", "198.51.100.1")).toBe("rate_limited 1");
  expect(await knock("wrong", "10.0.0.1", "198.51.100.2")).toBe("unauthorized");
  await times(3, () => knock("wrong", "203.0.113.1", "198.51.100.3"));
  expect(await knock("wrong", "203.0.113.1", "198.51.100.4")).toBe("rate_limited 1");
});

it("takes a network of IPv6 for one client", async () => {
  const { knock } = aDoor();
  await times(3, () => knock("wrong", "2001:db8:1:2::a"));
  expect(await knock("wrong", "2001:db8:1:2::b")).toBe("rate_limited 1");
  expect(await knock("wrong", "2001:db8:1:3::b")).toBe("unauthorized");
});

it("blames nobody when the database is away", async () => {
  const { knock } = aDoor();
  expect(new Set(await times(9, () => knock("away")))).toEqual(new Set(["database_unavailable"]));
  expect(await knock("wrong")).toBe("unauthorized");
});
