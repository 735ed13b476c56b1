import {
  type Behaviour,
  deliveryLog,
  eventually,
  type LoggedAttempts,
  type Receiver,
  type RunningStack,
  TenantClient,
} from "@waggle/testing";
import { Publisher } from "./publisher";
import { attemptOf, idOf, Receipts } from "./receipts";

const WEBHOOKS = 10;
const PATIENCE_MS = 120_000;

/** A tenant with some webhooks on one receiver, what is published for it, and what came of that. */
export class Workload {
  private constructor(
    private readonly stack: RunningStack,
    readonly tenant: TenantClient,
    readonly publisher: Publisher,
    readonly receipts: Receipts,
  ) {}

  /** @param webhook what differs from a plain webhook */
  static async create(
    stack: RunningStack,
    receiver: Receiver,
    { name, webhook = {} }: { readonly name: string; readonly webhook?: Readonly<Record<string, unknown>> },
  ): Promise<Workload> {
    const tenant = await TenantClient.create(stack, { name });
    const url = receiver.url(`/${name}`);
    for (let i = 0; i < WEBHOOKS; i++) {
      const { status } = await tenant.manage("POST", "/v1/webhooks", {
        url,
        events: ["*"],
        tags: [`w${i}`],
        ...webhook,
      });
      if (status !== 201) throw new Error(`no webhook: ${status}`);
    }
    await stack.settled();
    const publisher = new Publisher({ tenant, webhooks: WEBHOOKS });
    return new Workload(stack, tenant, publisher, new Receipts(receiver, `/${name}`));
  }

  /**
   * Publishes so many more events.
   * @param mayWait how many deliveries may be on their way: publishing waits until there are fewer
   */
  async publish(events: number, { mayWait = Number.POSITIVE_INFINITY } = {}): Promise<void> {
    await this.publisher.publish(events);
    const isNear = () => this.publisher.accepted - this.receipts.deliveries < mayWait;
    await eventually("deliveries to catch up", isNear, PATIENCE_MS);
  }

  /** Resolves when so many different deliveries have come. */
  async arrived(count: number): Promise<void> {
    await eventually(`${count} deliveries to arrive`, () => this.receipts.deliveries >= count, PATIENCE_MS);
  }

  /** Resolves to how many deliveries ended in which way, once so many are delivered in the log. */
  async delivered(count: number): Promise<LoggedAttempts["deliveries"]> {
    const look = async () => {
      const { deliveries } = await this.log();
      return deliveries.delivered === count && deliveries;
    };
    return eventually(`${count} deliveries to be delivered in the log`, look, PATIENCE_MS);
  }

  /**
   * Resolves when the log has every attempt as often as it came, and no other.
   * @param mayBeUnsent an attempt without an answer may never have left: its process was frozen when it began
   */
  async logged({ mayBeUnsent = false } = {}): Promise<void> {
    let different: string[] = [];
    const isEqual = async () => {
      const { attempts, answered } = await this.log();
      const received = this.receipts.attempts;
      const steps = new Set([...attempts.keys(), ...received.keys()]);
      different = [...steps].filter((step) => {
        const [logged = 0, came = 0] = [attempts.get(step), received.get(step)];
        return mayBeUnsent ? logged < came || (answered.get(step) ?? 0) > came : logged !== came;
      });
      return different.length === 0;
    };
    await eventually("the log to be what came", isEqual, 30_000).catch((error: unknown) => {
      throw new Error(`${different.length} attempts differ, such as ${different.slice(0, 5).join(", ")}`, {
        cause: error,
      });
    });
  }

  /** The attempts that came although one before was answered 200, where `failures` are those told to `slowly`. */
  afterSuccess(failures: number): string[] {
    return [...this.receipts.attempts.keys()].filter((step) => {
      const [id = "", number] = step.split(" ");
      return Number(number) > lastAttempt(id, failures);
    });
  }

  private log(): Promise<LoggedAttempts> {
    return deliveryLog(this.stack.ready.database_url, this.tenant.tenantId);
  }
}

export interface Slowness {
  /** Milliseconds an answer takes, at least and at most. */
  readonly delayMs?: readonly [number, number];
  /** How many attempts of every fourth delivery are answered 500 first. */
  readonly failures?: number;
}

/** How a receiver behaves that takes its time. */
export function slowly({ delayMs: [least, most] = [50, 200], failures = 0 }: Slowness = {}): Behaviour {
  return (request) => {
    const delayMs = least + (most - least) * Math.random();
    return { status: attemptOf(request) < lastAttempt(idOf(request), failures) ? 500 : 200, delayMs };
  };
}

/** Which attempt of a delivery a receiver that behaves `slowly` answers 200. */
function lastAttempt(deliveryId: string, failures: number): number {
  const isUnlucky = (deliveryId.codePointAt(deliveryId.length - 1) ?? 0) % 4 === 0;
  return isUnlucky ? failures + 1 : 1;
}
