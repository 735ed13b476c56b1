export const port = globalThis.process.env.INGEST_PORT;
