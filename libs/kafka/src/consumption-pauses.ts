import type { Consumer } from "kafkajs";
import { keyOf, type TopicPartition } from "./committed-positions";

/**
 * Which partitions are not to be fetched, for reasons of one partition or of all. kafkajs keeps pauses over rebalances,
 * also of partitions that went and came back, forgets them in a restart, and throws when told in the middle of one: so
 * what holds is kept here and told anew at every join.
 */
export class ConsumptionPauses {
  private assigned: readonly TopicPartition[] = [];
  private readonly single = new Set<string>();
  private readonly forAll = new Set<string>();

  constructor(private readonly consumer: Pick<Consumer, "pause" | "resume">) {}

  /** To be called with every assignment, and with none as long as kafkajs has no group. */
  assign(assigned: readonly TopicPartition[]): void {
    this.assigned = assigned;
    for (const one of assigned) this.tell(one);
  }

  isPaused({ topic, partition }: TopicPartition): boolean {
    return this.forAll.size > 0 || this.single.has(keyOf(topic, partition));
  }

  pause(one: TopicPartition): void {
    this.single.add(keyOf(one.topic, one.partition));
    this.tellIfAssigned(one);
  }

  resume(one: TopicPartition): void {
    this.single.delete(keyOf(one.topic, one.partition));
    this.tellIfAssigned(one);
  }

  /** Pauses everything, also what is assigned later, until each reason given here has been taken back. */
  pauseAll(reason: string): void {
    this.forAll.add(reason);
    for (const one of this.assigned) this.tell(one);
  }

  resumeAll(reason: string): void {
    this.forAll.delete(reason);
    for (const one of this.assigned) this.tell(one);
  }

  private tellIfAssigned({ topic, partition }: TopicPartition): void {
    const one = this.assigned.find((known) => known.partition === partition && known.topic === topic);
    if (one) this.tell(one);
  }

  private tell(one: TopicPartition): void {
    const change = [{ topic: one.topic, partitions: [one.partition] }];
    if (this.isPaused(one)) this.consumer.pause(change);
    else this.consumer.resume(change);
  }
}
