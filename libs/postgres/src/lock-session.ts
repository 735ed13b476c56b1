import { Client } from "pg";
import { ADVISORY_LOCKS, type AdvisoryLock } from "./advisory-locks";
import { databaseUnavailable } from "./database-errors";
import { timeLimit } from "./time-limit";

export interface LockSessionOptions {
  readonly url: string;
  readonly lock: AdvisoryLock;
  /** Notifications on this channel reach `onNotification` while the lock is held. */
  readonly channel: string;
  readonly onNotification: () => void;
  /** Milliseconds for the connection and for each answer. Default 3,000. */
  readonly limitMs?: number;
}

/** Lets the server notice within about 25 s that the machine of a holder is gone: only then is its lock free. */
const KEEPALIVE = ["SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3"];

/** A connection of its own that may hold one advisory lock: the lock lives and dies with the connection. */
export class LockSession {
  private readonly gone = new AbortController();
  private held = false;

  private constructor(
    private readonly client: Client,
    private readonly options: LockSessionOptions & { readonly limitMs: number },
  ) {
    client.on("error", () => this.lose());
    client.on("end", () => this.lose());
    client.on("notification", () => options.onNotification());
  }

  /** @throws WaggleError `database_unavailable` */
  static async open(options: LockSessionOptions): Promise<LockSession> {
    const limitMs = options.limitMs ?? 3_000;
    const client = new Client({
      connectionString: options.url,
      connectionTimeoutMillis: limitMs,
      application_name: `waggle-${options.lock}`,
      keepAlive: true,
    });
    const session = new LockSession(client, { ...options, limitMs });
    await session.limited(() => client.connect());
    for (const setting of KEEPALIVE) await session.limited(() => client.query(setting));
    return session;
  }

  /** Aborted as soon as the connection, and with it the lock, is known to be lost. */
  get lost(): AbortSignal {
    return this.gone.signal;
  }

  /**
   * Takes the lock if nobody else holds it. Holding it already, only makes sure that the session lives.
   * @throws WaggleError `database_unavailable`; the session is then lost
   */
  async tryLock(): Promise<boolean> {
    if (this.held) {
      await this.limited(() => this.client.query("SELECT 1"));
      return true;
    }
    const { rows } = await this.limited(() =>
      this.client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [
        ADVISORY_LOCKS[this.options.lock],
      ]),
    );
    this.held = rows[0]?.locked === true;
    if (this.held) await this.limited(() => this.client.query(`LISTEN ${this.options.channel}`));
    return this.held;
  }

  /** Gives the lock back. A server that does not answer gives it to others when it notices. */
  async close(): Promise<void> {
    await timeLimit(this.client.end(), this.options.limitMs).catch(() => undefined);
    this.lose();
  }

  private async limited<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await timeLimit(ask(), this.options.limitMs);
    } catch (error) {
      this.lose();
      throw databaseUnavailable(error);
    }
  }

  private lose(): void {
    if (this.gone.signal.aborted) return;
    this.held = false;
    this.gone.abort();
    // With a statement under way this cuts the connection, so that no late answer is taken for a new one.
    this.client.end().catch(() => undefined);
  }
}
