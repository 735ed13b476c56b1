import { WakeUp } from "./wake-up";

const never = new AbortController().signal;
const LONG_MS = 60_000;

it("ends a sleep at a ring, also at one that came before", async () => {
  const bell = new WakeUp();
  const asleep = bell.wait(LONG_MS, never);
  bell.ring();
  await expect(asleep).resolves.toBeUndefined();
  bell.ring();
  await expect(bell.wait(LONG_MS, never)).resolves.toBeUndefined();
});

it("forgets a ring once it has ended a sleep", async () => {
  const bell = new WakeUp();
  bell.ring();
  await bell.wait(LONG_MS, never);
  const startedAt = performance.now();
  await bell.wait(30, never);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(25);
});

it("ends at once when it is all over", async () => {
  const over = new AbortController();
  const asleep = new WakeUp().wait(LONG_MS, over.signal);
  over.abort();
  await expect(asleep).resolves.toBeUndefined();
  await expect(new WakeUp().wait(LONG_MS, over.signal)).resolves.toBeUndefined();
});
