import { encodeInboundMail, type InboundMail, type WireRecord, withPublishingKey } from "@waggle/contracts";
import type { BatchingProducer } from "@waggle/kafka";
import { MailLog } from "../accept/ports";

/** How long a sender waits for Kafka. Source: issue "Inbound mail becomes a webhook". */
const DEADLINE_MS = 5_000;

/**
 * Bytes of raw mail in one request to Kafka, all of which may fall on one partition: with what is around it, it must
 * stay below the 16 MiB that the topic takes as a batch.
 */
const REQUEST_BYTES = 15 * 1_048_576;

/**
 * The topic `email.inbound`. What came for several recipients is one request to Kafka, so that it is written for all or
 * for none – unless it is too large for one: then the sender may have to repeat what a part of them already got.
 */
export class KafkaMailLog extends MailLog {
  constructor(private readonly producer: BatchingProducer) {
    super();
  }

  async append(mails: readonly InboundMail[], keyId: string | null): Promise<void> {
    const [first] = mails;
    const recordOf = (mail: InboundMail): WireRecord => {
      const record = encodeInboundMail(mail);
      return keyId !== null && mail === first ? withPublishingKey(record, keyId) : record;
    };
    const until = performance.now() + DEADLINE_MS;
    for (const request of requestsOf(mails)) {
      const deadlineMs = Math.max(0, until - performance.now());
      await this.producer.send(request.map(recordOf), { deadlineMs });
    }
  }
}

/** The mails in their order, in as few requests as their sizes allow. */
export function requestsOf(mails: readonly InboundMail[]): InboundMail[][] {
  const requests: InboundMail[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const mail of mails) {
    bytes += mail.raw.length;
    if (bytes > REQUEST_BYTES) {
      requests.push([]);
      bytes = mail.raw.length;
    }
    requests.at(-1)?.push(mail);
  }
  return requests;
}
