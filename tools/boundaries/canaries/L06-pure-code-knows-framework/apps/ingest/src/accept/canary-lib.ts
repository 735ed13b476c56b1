import { BatchingProducer } from "@waggle/kafka";

export const producer = BatchingProducer;
