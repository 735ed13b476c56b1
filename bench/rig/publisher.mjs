/**
 * A process of its own that publishes. `fork` it and send one job; it answers with how long it took.
 * {ingestUrl, keys, events, connections, batch, perSecond}: `perSecond` null publishes as fast as answers come;
 * with `webhooks`, event i carries the tag w<i mod webhooks> and is published with the key of that webhook's tenant.
 * The first `warmUp` events do not say when they were published, so the receiver measures no delay of theirs.
 */
import { Pool } from "undici";

/**
 * @param {number} index @param {string} run
 * @param {{webhooks?: number, warmUp: number}} job `webhooks`: how many tags w0, w1, … take turns
 */
function event(index, run, { webhooks, warmUp }) {
  return {
    type: "delivery",
    data: {
      email_id: `msg_${run}_${index}`,
      to: "customer@example.com",
      from: "noreply@mail.acme.com",
      subject: "Your order has shipped",
      tags: webhooks === undefined ? ["order-shipped"] : [`w${index % webhooks}`],
      metadata: { mta: "mx1", ...(index < warmUp ? {} : { published_at: Date.now() }) },
    },
  };
}

process.on("message", async ({ ingestUrl, keys, events, connections, batch, perSecond, webhooks, warmUp = 0 }) => {
  const pool = new Pool(ingestUrl, { connections, pipelining: 1 });
  const run = Math.random().toString(36).slice(2, 8);
  let next = 0;
  let refused = 0;
  const started = Date.now();
  async function post() {
    const first = next;
    const count = Math.min(batch, events - first);
    next += count;
    const list = Array.from({ length: count }, (_, i) => event(first + i, run, { webhooks, warmUp }));
    const { statusCode, body } = await pool.request({
      path: "/v1/events",
      method: "POST",
      headers: {
        authorization: `Bearer ${keys[(webhooks === undefined ? first : first % webhooks) % keys.length]}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(batch === 1 ? list[0] : { events: list }),
    });
    await body.dump();
    if (statusCode !== 202) refused += count;
  }
  if (perSecond === null) {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (next < events) await post();
      }),
    );
  } else {
    const posts = [];
    for (let i = 0; i < events; i++) {
      const wait = started + (i * 1_000) / perSecond - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      posts.push(post());
    }
    await Promise.all(posts);
  }
  process.send({ seconds: (Date.now() - started) / 1_000, refused });
  await pool.close();
});
process.on("disconnect", () => process.exit(0));
