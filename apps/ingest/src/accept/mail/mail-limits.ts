const MIB = 1_048_576;

/** Bounds of one piece of mail beside its size, `MAX_MAIL_BYTES`. Source: safety "SMTP". */
export const MAIL_LIMITS = {
  /** Recipients of one SMTP transaction. */
  recipients: 100,
  /**
   * Bytes of one SMTP transaction: those of its message, once for each recipient. Every recipient has a record of its
   * own, and Kafka must be able to take all of them before the sender is answered.
   */
  transactionBytes: 48 * MIB,
} as const;
