import { Readiness } from "./readiness";

describe("readiness", () => {
  it("is reached when every required part is ready, and says what it waits for", () => {
    const readiness = new Readiness(() => undefined);
    const directory = readiness.require("directory");
    const schema = readiness.require("schema");
    directory.ready();
    expect(readiness.ready).toBe(false);
    expect(readiness.report).toEqual({ schema: "starting" });
    schema.ready();
    expect(readiness.ready).toBe(true);
    directory.notReady("stopping");
    expect(readiness.report).toEqual({ directory: "stopping" });
  });

  it("is lost for good by a failure, which is reported once", () => {
    const failures: string[] = [];
    const readiness = new Readiness((reason) => failures.push(reason));
    readiness.fail("first");
    readiness.fail("second");
    expect([readiness.live, readiness.ready, failures]).toEqual([false, false, ["first"]]);
  });
});
