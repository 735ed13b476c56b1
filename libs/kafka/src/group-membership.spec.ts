import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, type Cluster, type Consumer, KafkaJSGroupCoordinatorNotFound, type Logger } from "kafkajs";
import { GroupMembership, type GroupMembershipOptions } from "./group-membership";
import { MemberFile } from "./member-file";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const directory = mkdtempSync(join(tmpdir(), "waggle-membership-"));

/** What kafkajs does around a member of group `g`: it looks for the coordinator before each join. */
class FakeGroup {
  readonly left: string[] = [];
  isThere = true;
  private readonly listeners = new Map<string, ((event: object) => void)[]>();
  readonly cluster = {
    findGroupCoordinator: async (): Promise<Broker> => {
      // Its constructor needs a message, which its declaration does not say.
      if (!this.isThere) throw Reflect.construct(KafkaJSGroupCoordinatorNotFound, ["no coordinator"]);
      const leaveGroup = async ({ memberId }: { memberId: string }) => void this.left.push(memberId);
      return { leaveGroup } as unknown as Broker;
    },
  } as unknown as Cluster;

  readonly consumer = {
    events: { REQUEST: "request", GROUP_JOIN: "join", STOP: "stop", HEARTBEAT: "heartbeat" },
    on: (event: string, listener: (event: object) => void) => {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    },
  } as unknown as Consumer;

  emit(event: string, payload: object): void {
    for (const listener of this.listeners.get(event) ?? []) listener({ payload });
  }

  async join(memberId: string): Promise<void> {
    await this.cluster.findGroupCoordinator({ groupId: "g" });
    this.emit("request", { apiName: "JoinGroup", sentAt: Date.now() });
    this.emit("request", { apiName: "SyncGroup", sentAt: Date.now() });
    this.emit("join", { memberId, memberAssignment: { t: [0] } });
  }
}

function setUp(options: Partial<GroupMembershipOptions> = {}) {
  const group = new FakeGroup();
  const assigned: boolean[] = [];
  const membership = new GroupMembership({
    groupId: "g",
    sessionTimeoutMs: 1_000,
    memberFile: undefined,
    logger: silent,
    owned: () => [],
    handOver: async () => undefined,
    onJoining: () => undefined,
    onAssigned: (_partitions, sameMember) => assigned.push(sameMember),
    onLeft: () => undefined,
    ...options,
  });
  membership.assigner({ cluster: group.cluster, groupId: "g", logger: silent as unknown as Logger });
  membership.watch(group.consumer);
  return { group, membership, assigned };
}

describe("membership of a group", () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  it("lasts as long as heartbeats are acknowledged, counted from when they were sent", async () => {
    const { group, membership } = setUp();
    const now = Date.now();
    expect(membership.isMember(now)).toBe(false);
    await group.join("a");
    expect([membership.isMember(now), membership.isMember(now + 1_500)]).toEqual([true, false]);
    // The answer may have waited in the socket while the process was frozen.
    group.emit("request", { apiName: "Heartbeat", sentAt: now + 400 });
    group.emit("heartbeat", {});
    expect([membership.isMember(now + 1_300), membership.isMember(now + 1_500)]).toEqual([true, false]);
    group.emit("stop", {});
    expect(membership.isMember(now)).toBe(false);
  });

  it("is in doubt while partitions may change hands, and what is in flight is waited for before they do", async () => {
    let handedOver = () => {};
    const handOver = () =>
      new Promise<void>((resolve) => {
        handedOver = resolve;
      });
    const { group, membership, assigned } = setUp({ handOver });
    await group.join("a");
    const rejoining = group.join("a");
    await new Promise((resolve) => setImmediate(resolve));
    expect([membership.isMember(Date.now()), assigned]).toEqual([false, [false]]);
    expect([membership.isKept(Date.now()), membership.isKept(Date.now() + 1_500)]).toEqual([true, false]);
    handedOver();
    await rejoining;
    expect([membership.isMember(Date.now()), assigned]).toEqual([true, [false, true]]);
  });

  it("begins by leaving for a dead predecessor", async () => {
    const memberFile = join(directory, "member");
    new MemberFile(memberFile, "g").remember("dead");
    const { group } = setUp({ memberFile });
    await group.join("a");
    expect(group.left).toEqual(["dead"]);
    expect(new MemberFile(memberFile, "g").predecessor()).toBe("a");
    group.emit("request", { apiName: "LeaveGroup", sentAt: Date.now() });
    expect(new MemberFile(memberFile, "g").predecessor()).toBeNull();
  });

  it("begins anew, when kafkajs does, by leaving for who it was", async () => {
    const { group, assigned } = setUp();
    await group.join("a");
    group.emit("stop", {});
    await group.join("b");
    expect([group.left, assigned]).toEqual([["a"], [false, false]]);
  });

  it("goes on without a file that cannot be written", async () => {
    const { group, membership } = setUp({ memberFile: "/dev/null/member" });
    await group.join("a");
    expect(membership.isMember(Date.now())).toBe(true);
  });

  it("is tried again when the group has no coordinator, which kafkajs takes for the end", async () => {
    const { group } = setUp();
    group.isThere = false;
    await expect(group.join("a")).rejects.toMatchObject({ retriable: true });
  });
});
