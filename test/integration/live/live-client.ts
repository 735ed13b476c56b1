import { eventually } from "@waggle/testing";

export interface SeenEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

/** Reads `GET /v1/live` as a browser's fetch would. */
export class LiveClient {
  readonly seen: SeenEvent[] = [];
  private over = false;

  private constructor(
    readonly response: Response,
    private readonly stopping: AbortController,
  ) {}

  static async open(url: string, token: string): Promise<LiveClient> {
    const stopping = new AbortController();
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: stopping.signal });
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    const client = new LiveClient(response, stopping);
    void client.read().catch(() => undefined);
    return client;
  }

  /** Whether the server has ended the stream. */
  get isOver(): boolean {
    return this.over;
  }

  /** The data of the events that `wanted` picks, once there are `count`. */
  async until(count: number, wanted: (seen: SeenEvent) => boolean = () => true): Promise<SeenEvent[]> {
    return eventually(`${count} live events`, () => {
      const found = this.seen.filter(wanted);
      return found.length >= count && found;
    });
  }

  close(): void {
    this.stopping.abort();
  }

  private async read(): Promise<void> {
    let text = "";
    for await (const chunk of this.response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const messages = (text + chunk).split("\n\n");
      text = messages.pop() ?? "";
      this.seen.push(...messages.flatMap((message) => parsed(message) ?? []));
    }
    this.over = true;
  }
}

/** Null for a comment. */
function parsed(message: string): SeenEvent | null {
  const fields = new Map(message.split("\n").map((line) => [line.split(":")[0] ?? "", line.replace(/^\w*: ?/, "")]));
  const event = fields.get("event");
  if (event === undefined) return null;
  return { event, id: fields.get("id") ?? null, data: JSON.parse(fields.get("data") ?? "{}") };
}
