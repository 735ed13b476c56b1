import { Backlog } from "./backlog";

describe("a webhook's backlog", () => {
  it("counts what is ahead of a delivery", () => {
    const backlog = new Backlog("p1");
    const positions = [1, 2, 3].map(() => backlog.positionOf(null));
    expect(positions.map((position) => backlog.ahead(position))).toEqual([0, 1, 2]);
    backlog.serve();
    expect(backlog.ahead(positions[2] ?? 0)).toBe(1);
    expect(backlog.length).toBe(2);
  });

  it("gives a parked delivery its place back", () => {
    const backlog = new Backlog("p1");
    const first = backlog.positionOf(null);
    const ticket = backlog.ticket(first);
    backlog.positionOf(null);
    expect(backlog.positionOf(ticket)).toBe(first);
    expect(backlog.length).toBe(2);
  });

  it("counts a delivery that another process parked as newly arrived", () => {
    const backlog = new Backlog("p2");
    expect(backlog.positionOf("p1:900")).toBe(1);
    expect(backlog.positionOf("nonsense")).toBe(2);
  });

  it("no longer counts a parked delivery that comes back and is not to be sent", () => {
    const backlog = new Backlog("p1");
    const ticket = backlog.ticket(backlog.positionOf(null));
    backlog.dismiss(null);
    backlog.dismiss("p2:1");
    expect(backlog.length).toBe(1);
    backlog.dismiss(ticket);
    expect(backlog.length).toBe(0);
  });

  it("never counts more served than arrived", () => {
    const backlog = new Backlog("p1");
    backlog.serve();
    expect(backlog.length).toBe(0);
    expect(backlog.ahead(backlog.positionOf(null))).toBe(0);
    expect(backlog.length).toBe(1);
  });
});
