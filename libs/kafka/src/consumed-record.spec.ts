import { ConsumedRecord } from "./consumed-record";
import { PartitionWork } from "./partition-work";

const fetched = Buffer.from("all that one fetch brought: key value header");
const view = (text: string) => {
  const at = fetched.indexOf(text);
  return fetched.subarray(at, at + text.length);
};

function aRecord(): ConsumedRecord {
  const work = new PartitionWork("t", 3, 0, new Set(), () => undefined);
  const headers = { name: [view("all"), view("header")] };
  return new ConsumedRecord(work, 0, {
    key: view("key"),
    value: view("value"),
    headers,
    timestamp: "7",
    attributes: 0,
    offset: "0",
  });
}

const contents = ({ key, value, headers, timestamp, bytes }: ConsumedRecord) => {
  return { key: key?.toString(), value: value?.toString(), name: headers.name?.toString(), timestamp, bytes };
};

describe("a record that is set aside", () => {
  it("is the same record", () => {
    const record = aRecord();
    const before = contents(record);
    record.shelve();
    expect(contents(record)).toEqual(before);
    expect(before).toMatchObject({ key: "key", value: "value", name: "header" });
  });

  it("no longer keeps what came with it", () => {
    const record = aRecord();
    const keeps = () => [record.key, record.value, record.headers.name].map((part) => part?.buffer === fetched.buffer);
    expect(keeps()).toEqual([true, true, true]);
    const at = fetched.byteOffset;
    record.shelve();
    const isView = (part: Buffer | null | undefined) =>
      part?.buffer === fetched.buffer && part.byteOffset >= at && part.byteOffset < at + fetched.length;
    expect([record.key, record.value, record.headers.name].map(isView)).toEqual([false, false, false]);
  });
});
