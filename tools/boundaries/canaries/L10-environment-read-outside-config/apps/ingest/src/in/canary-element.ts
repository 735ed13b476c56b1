export const port = process["env"]["INGEST_PORT"];
