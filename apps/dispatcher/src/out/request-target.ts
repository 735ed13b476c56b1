/** What a URL means to an HTTP client: whom to connect to, and what to ask there. */
export interface RequestTarget {
  readonly origin: string;
  readonly path: string;
}

/** URLs whose parts are remembered; there are about as many as webhooks that are busy at a time. */
const MOST = 20_000;

/** Takes URLs apart, each once as long as it is in use: a webhook's is the same for every attempt. */
export class RequestTargets {
  private readonly known = new Map<string, RequestTarget>();

  /** Null for text that is no URL. */
  of(url: string): RequestTarget | null {
    const known = this.known.get(url);
    if (known) return known;
    if (!URL.canParse(url)) return null;
    const { origin, pathname, search } = new URL(url);
    const target = { origin, path: pathname + search };
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(url, target);
    return target;
  }
}
