import { MembershipWatch } from "./membership-watch";

const MINUTE_MS = 60_000;

describe("the watch over a membership", () => {
  const state = { isMember: false, answers: true, stuck: 0 };
  const watch = new MembershipWatch({
    isMember: () => state.isMember,
    ask: () => (state.answers ? Promise.resolve() : Promise.reject(new Error("no answer"))),
    onStuck: () => {
      state.stuck += 1;
    },
  });

  beforeEach(() => {
    jest.useFakeTimers();
    Object.assign(state, { isMember: false, answers: true, stuck: 0 });
    watch.start();
  });
  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  it("says once that a consumer does not get back into its group although Kafka answers", async () => {
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    expect(state.stuck).toBe(0);
    await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(state.stuck).toBe(1);
  });

  it("says nothing as long as Kafka does not answer, and gives the consumer its time afterwards", async () => {
    state.answers = false;
    await jest.advanceTimersByTimeAsync(60 * MINUTE_MS);
    state.answers = true;
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    state.isMember = true;
    await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(state.stuck).toBe(0);
  });

  it("says nothing of a consumer that is a member again and again", async () => {
    for (let minute = 0; minute < 20; minute++) {
      state.isMember = minute % 2 === 0;
      await jest.advanceTimersByTimeAsync(MINUTE_MS);
    }
    expect(state.stuck).toBe(0);
  });

  it("says nothing of a process that was frozen", async () => {
    jest.setSystemTime(Date.now() + 60 * MINUTE_MS);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(state.stuck).toBe(0);
  });

  it("says nothing once it is stopped", async () => {
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    watch.stop();
    await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(state.stuck).toBe(0);
  });
});
