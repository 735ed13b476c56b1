import { PassThrough, Readable } from "node:stream";
import { downloadPieces } from "./download-pieces";

function setUp(pieces: Iterable<Buffer>) {
  const content = Readable.from(pieces);
  const to = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const left = new AbortController();
  const sent: unknown[] = [];
  const sending = (async () => {
    for await (const piece of downloadPieces(content, { to, left: left.signal, stalledMs: 60_000 })) {
      sent.push(piece);
      to.write(piece);
    }
  })();
  return { content, to, left, sent, sending };
}

const PIECES = ["one", "two", "three"].map((text) => Buffer.from(text));
const AS_JSON = PIECES.map((piece) => ({ content: piece.toString("base64") }));

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("all of it goes to whoever reads", async () => {
  const { to, sent, sending } = setUp(PIECES);
  to.resume();
  await sending;
  expect(sent).toEqual(AS_JSON);
});

test("it waits for a reader that is slow", async () => {
  const { to, sent, sending } = setUp(PIECES);
  await jest.advanceTimersByTimeAsync(59_000);
  expect(sent).toEqual(AS_JSON.slice(0, 1));
  to.resume();
  await sending;
  expect(sent).toEqual(AS_JSON);
});

test("a part of it never ends well: a reader that takes nothing is given up, and the content let go", async () => {
  const { content, sent, sending } = setUp(PIECES);
  const ended = sending.catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await ended).toMatchObject({ code: "overloaded" });
  expect(sent).toEqual(AS_JSON.slice(0, 1));
  expect(content.destroyed).toBe(true);
});

test("a part of it never ends well: content that breaks off is said to be away", async () => {
  const cause = new Error("socket hang up");
  function* breakingOff() {
    yield* PIECES.slice(0, 2);
    throw cause;
  }
  const { to, sent, sending } = setUp(breakingOff());
  to.resume();
  await expect(sending).rejects.toMatchObject({ code: "blob_store_unavailable", cause });
  expect(sent).toEqual(AS_JSON.slice(0, 2));
});

test("whoever leaves is sent nothing more, and the content let go", async () => {
  const { content, left, sent, sending } = setUp(PIECES);
  await jest.advanceTimersByTimeAsync(0);
  left.abort();
  await sending;
  expect(sent).toEqual(AS_JSON.slice(0, 1));
  expect(content.destroyed).toBe(true);
});
