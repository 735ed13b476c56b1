import { sampleInbound } from "./sample-inbound";

it("holds everything a message can have, and is of nobody", () => {
  const sample = sampleInbound({ id: "evt_1", tenant_id: "ten_1", now: Date.UTC(2026, 3, 17, 12, 34, 56, 789) });
  expect(sample).toMatchObject({ id: "evt_1", tenant_id: "ten_1", created_at: "2026-04-17T12:34:56Z" });
  expect(sample.to.startsWith(`${sample.hash}@`)).toBe(true);
  const { parse_error, ...read } = sample.message;
  expect(parse_error).toBeNull();
  for (const value of Object.values(read)) expect(value?.length).toBeGreaterThan(0);
});
