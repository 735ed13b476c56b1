import type { WatermarkConsumer } from "@waggle/kafka";
import { Membership } from "../deliver/ports";

/** Membership of the dispatchers' consumer group. */
export class GroupMembership extends Membership {
  constructor(private readonly consumer: () => WatermarkConsumer | null) {
    super();
  }

  isKept(now: number): boolean {
    return this.consumer()?.isKept(now) ?? false;
  }

  isMember(now: number): boolean {
    return this.consumer()?.isMember(now) ?? false;
  }
}
