import { WaggleError } from "@waggle/domain";

const ANSWER_LIMIT_MS = 4_000;

/**
 * What Kafka answers, if it does within a few seconds: kafkajs asks a broker that hangs for much longer.
 * @throws WaggleError `kafka_unavailable`
 */
export async function answerInTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new WaggleError("kafka_unavailable", "Kafka did not say how far its topics are read");
    timer = setTimeout(() => reject(error), ANSWER_LIMIT_MS);
    timer.unref();
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
