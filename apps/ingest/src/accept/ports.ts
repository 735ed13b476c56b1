import type { ApiKeyEntry, InboundEntry, InboundMail } from "@waggle/contracts";
import type { EmailEvent } from "@waggle/domain";

/** The API keys as the directory has them now. */
export abstract class ApiKeys {
  /** What is known of a key, null when it never was or is deleted. It may have expired. */
  abstract find(key: string): ApiKeyEntry | null;
}

/** Where accepted events go. */
export abstract class EventLog {
  /**
   * Resolves when every in-sync replica has all the events, and that an API key was used for them.
   * @throws WaggleError `kafka_unavailable` when that did not happen in time: they may be there or not
   */
  abstract append(events: readonly EmailEvent[], keyId: string): Promise<void>;
}

/** The inbound addresses as the directory has them now. */
export abstract class InboundAddresses {
  /** The address with this hash, null when it never was or is deleted. */
  abstract find(hash: string): InboundEntry | null;
}

/** Where accepted mail goes. */
export abstract class MailLog {
  /**
   * Resolves when every in-sync replica has all of it, and that an API key was used for it, null when none was. Mails of
   * one message share its bytes.
   * @throws WaggleError `kafka_unavailable` when that did not happen in time: each may be there or not
   */
  abstract append(mails: readonly InboundMail[], keyId: string | null): Promise<void>;
}
