import { decodeAttempt, WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { type KafkaLogger, TopicFollower, type TopicFollowerOptions } from "@waggle/kafka";
import { AttemptFeed, type FollowedAttempts, type OnAttempt } from "../../live/ports";

/** Attempts from the end of their topic, all partitions: each process has its own watchers. */
export class KafkaAttemptFeed extends AttemptFeed {
  constructor(
    private readonly kafka: TopicFollowerOptions["kafka"],
    private readonly logger: KafkaLogger,
    private readonly onFatal: (reason: string) => void,
  ) {
    super();
  }

  follow(onAttempt: OnAttempt): FollowedAttempts {
    const { kafka, logger, onFatal } = this;
    const follower = new TopicFollower({
      kafka,
      topic: WEBHOOK_ATTEMPTS,
      reader: "live",
      logger,
      onFatal,
      onRecords: (records) => {
        for (const record of records) onAttempt(record.key?.toString("utf8") ?? "", () => readable(record));
      },
    });
    return { ready: follower.start(), stop: () => follower.stop() };
  }
}

/** What cannot be read is put aside by those who keep the log. */
function readable(record: Parameters<typeof decodeAttempt>[0]): ReturnType<typeof decodeAttempt> | null {
  try {
    return decodeAttempt(record);
  } catch {
    return null;
  }
}
