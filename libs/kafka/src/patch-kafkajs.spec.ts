test("a kafkajs that the patches were not written for is refused", () => {
  jest.isolateModules(() => {
    jest.doMock("kafkajs/package.json", () => ({ version: "2.2.5" }));
    expect(() => require("./patch-kafkajs").patchKafkajs()).toThrow("kafkajs 2.2.4");
  });
});
