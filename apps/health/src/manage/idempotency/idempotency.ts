import { WaggleError } from "@waggle/domain";
import { answerAad, type SecretBox } from "@waggle/secrets";
import { z } from "zod";
import { type Caller, requireManage } from "../caller";
import { fingerprint } from "./fingerprint";
import { AlreadyAnswered, type KeptAnswers, type Once, type RequestName } from "./once";

/** How long an answer is kept, in milliseconds. */
const KEPT_MS = 24 * 3_600_000;

const KEY = /^[\x20-\x7e]{1,255}$/;

const answerSchema = z.object({ fingerprint: z.string(), answer: z.unknown() });

/** A request that may be sent again by who does not know what became of it. */
export interface IdempotentRequest {
  /** `Idempotency-Key` as it was sent; absent: each request is a new one. */
  readonly key: string | undefined;
  /** What is asked for, such as `webhooks.create`: the same at every door. */
  readonly operation: string;
  /** Everything else that was sent, as JSON. A body that is absent says as much as an empty one. */
  readonly input: {
    readonly id?: string;
    readonly query: unknown;
    readonly body: unknown;
    readonly ifMatch?: string | undefined;
  };
}

/** How a request is worked on. */
export interface Doing<Result, View> {
  /** Hands `once` to the transaction that has the effect. */
  readonly work: (once: Once<Result> | undefined) => Promise<Result>;
  /** The result as clients see it, which is what is kept. */
  readonly view: (result: Result) => View;
}

/** What is answered. */
export class Answered<View> {
  constructor(
    readonly view: View,
    /** Whether this is the answer that another request was given. */
    readonly replayed: boolean,
  ) {}
}

export interface IdempotencyParts {
  readonly answers: KeptAnswers;
  readonly box: SecretBox;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Lets who got no answer ask again: a request with a key has its effect once, and is answered alike for 24 h. An answer
 * is kept in the transaction that did what it tells of, sealed because it may hold secrets, with a fingerprint of the
 * request in it, because that may hold secrets too. What was refused had no effect, so nothing is kept of it.
 * Source: draft-ietf-httpapi-idempotency-key-header.
 */
export class Idempotency {
  constructor(private readonly parts: IdempotencyParts) {}

  /**
   * @throws WaggleError `insufficient_scope` without scope manage; `validation_failed` for a key that cannot be one;
   *   `idempotency_key_reused`; `idempotency_in_progress`; `database_unavailable`; and whatever `work` throws
   */
  async answer<Result, View>(
    caller: Caller,
    { key, operation, input }: IdempotentRequest,
    { work, view }: Doing<Result, View>,
  ): Promise<Answered<View>> {
    if (key === undefined) return new Answered(view(await work(undefined)), false);
    const { answers, box, now } = this.parts;
    // Answers hold what only they may see who could have asked.
    requireManage(caller);
    const name = { tenant_id: caller.kind === "operator" ? "" : caller.tenant_id, key: readKey(key) };
    const request = fingerprint(operation, { ...input, body: input.body ?? {} });
    const at = now();
    const since = at - KEPT_MS;
    const replay = (sealed: string) => new Answered(this.open<View>(name, { sealed, request }), true);
    const kept = await answers.find(name, since);
    if (kept !== null) return replay(kept);
    const seal = (result: Result) =>
      box.seal(JSON.stringify({ fingerprint: request, answer: view(result) }), answerAad(name.tenant_id, name.key));
    try {
      return new Answered(view(await work({ name, at, since, seal })), false);
    } catch (error) {
      if (error instanceof AlreadyAnswered) return replay(error.sealed);
      throw error;
    }
  }

  /**
   * Forgets what nobody can ask for any more.
   * @throws WaggleError `database_unavailable`: the next time does the rest
   */
  async forget(): Promise<void> {
    const before = this.parts.now() - KEPT_MS;
    while ((await this.parts.answers.forgetSome(before)) > 0);
  }

  private open<View>(name: RequestName, kept: { readonly sealed: string; readonly request: string }): View {
    const plain: unknown = JSON.parse(this.parts.box.open(kept.sealed, answerAad(name.tenant_id, name.key)));
    const { fingerprint: answered, answer } = answerSchema.parse(plain);
    if (answered !== kept.request) {
      throw new WaggleError("idempotency_key_reused", "the key was used for another request: take a new one");
    }
    // The same operation's view, sealed by ourselves.
    return answer as View;
  }
}

function readKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new WaggleError("validation_failed", "some fields are wrong", {
    errors: [{ path: "/idempotency-key", message: "must be 1 to 255 printable ASCII characters" }],
  });
}
