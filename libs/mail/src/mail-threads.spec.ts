import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParseError } from "@waggle/domain";
import { MailThreads } from "./mail-threads";

/** Answers with what it was asked for; ends itself over a whole message "exit", and after the answer to "once". */
const WORKER = `
const { parentPort } = require("node:worker_threads");
parentPort.on("message", ({ raw, headerOnly }) => {
  const text = Buffer.from(raw).toString();
  if (text === "exit" && headerOnly === null) process.exit(0);
  parentPort.postMessage({ text, headerOnly });
  if (text === "once") setImmediate(() => process.exit(0));
});
`;

interface Answer {
  readonly text: string;
  readonly headerOnly: ParseError | null;
}

const folder = mkdtempSync(join(tmpdir(), "mail-threads-"));
const workerFile = join(folder, "worker.js");
let threads: MailThreads<object, Answer>;

beforeEach(() => {
  writeFileSync(workerFile, WORKER);
  threads = new MailThreads({ workerFile, timeLimitMs: 60_000, onUnread: () => undefined });
});

afterEach(() => threads.close());
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string) => threads.read(Buffer.from(text), {});

describe("MailThreads", () => {
  it("reads the header alone, at once, of a message whose thread ends without a word", async () => {
    await expect(read("exit")).resolves.toEqual({ text: "exit", headerOnly: "unreadable" });
  });

  it("asks no thread that ended while it was idle", async () => {
    await read("once");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(read("next")).resolves.toEqual({ text: "next", headerOnly: null });
  });

  it("leaves nothing on a thread that it uses again and again", async () => {
    const warned = jest.fn();
    process.on("warning", warned);
    for (let count = 0; count < 15; count += 1) await read("again");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", warned);
    expect(warned).not.toHaveBeenCalled();
  });
});
