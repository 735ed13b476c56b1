export const BatchingProducer = "here";
