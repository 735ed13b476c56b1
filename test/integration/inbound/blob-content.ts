import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { freePort } from "@waggle/testing";
import type { OpenBlob } from "../../../apps/health/src/observe/inbound/ports";
import type { S3Options } from "../../../apps/health/src/out/mail/blobs.s3";

import S3rver = require("s3rver");

/** What an opened blob holds. */
export function contentOf(opened: OpenBlob | null): Promise<Buffer> {
  if (!opened) throw new Error("there is no such blob");
  return buffer(opened.content);
}

/** A server that speaks S3's protocol, with one empty bucket. */
export async function startS3(): Promise<{ readonly options: S3Options; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "s3-"));
  const port = await freePort();
  const server = new S3rver({
    address: "127.0.0.1",
    port,
    silent: true,
    directory,
    configureBuckets: [{ name: "waggle" }],
  });
  await server.run();
  return {
    options: {
      bucket: "waggle",
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
      forcePathStyle: true,
    },
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
