import { createConcurrencyLimit } from "./concurrency-limit";

/** Work that ends when told to. */
function openWork() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  return { started, start, end: (name: string) => ends.get(name)?.() };
}

test("no more work runs at once than there are places, and the rest starts in order of arrival", async () => {
  const limit = createConcurrencyLimit(2);
  const { started, start, end } = openWork();
  const all = ["a", "b", "c", "d"].map((name) => limit(start(name), 10_000));
  await Promise.resolve();
  expect(started).toEqual(["a", "b"]);
  end("b");
  await all[1];
  await new Promise(setImmediate);
  expect(started).toEqual(["a", "b", "c"]);
  end("a");
  end("c");
  await Promise.all([all[0], all[2]]);
  await new Promise(setImmediate);
  expect(started).toEqual(["a", "b", "c", "d"]);
  end("d");
  await expect(Promise.all(all)).resolves.toEqual(["a", "b", "c", "d"]);
});

test("who waits too long is turned away, and its work never starts", async () => {
  const limit = createConcurrencyLimit(1);
  const { started, start, end } = openWork();
  const first = limit(start("a"), 10);
  await expect(limit(start("b"), 10)).rejects.toMatchObject({ code: "timeout" });
  end("a");
  await first;
  const third = limit(start("c"), 10);
  await new Promise(setImmediate);
  end("c");
  await third;
  expect(started).toEqual(["a", "c"]);
});

test("a place is given back by work that fails", async () => {
  const limit = createConcurrencyLimit(1);
  await expect(limit(() => Promise.reject(new Error("broken")), 10)).rejects.toThrow("broken");
  await expect(limit(async () => "done", 10)).resolves.toBe("done");
});
