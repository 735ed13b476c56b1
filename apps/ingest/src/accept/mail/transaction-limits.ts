/** Bounds of one SMTP transaction beside the size of its message, `MAX_MAIL_BYTES`. Source: safety "SMTP". */
export const TRANSACTION_LIMITS = {
  recipients: 100,
  /**
   * Bytes of the message, once for each recipient: every one has a record of its own, and Kafka must be able to take
   * all of them before the sender has waited for too long.
   */
  bytes: 48 * 1_048_576,
} as const;
