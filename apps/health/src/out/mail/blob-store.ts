import type { BLOB_VARIABLES, Config } from "@waggle/service";
import type { Blobs } from "../../observe/inbound/ports";
import { FolderBlobs } from "./blobs.folder";
import { S3Blobs } from "./blobs.s3";

type BlobConfig = Config<(typeof BLOB_VARIABLES)[number]>;

/** A bucket when one is named, else a folder. */
export function blobStore(config: BlobConfig): Blobs {
  const { BLOB_S3_ACCESS_KEY_ID: accessKeyId, BLOB_S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (config.BLOB_S3_BUCKET === "") return new FolderBlobs(config.BLOB_DIR);
  return new S3Blobs({
    bucket: config.BLOB_S3_BUCKET,
    endpoint: config.BLOB_S3_ENDPOINT === "" ? null : config.BLOB_S3_ENDPOINT,
    region: config.BLOB_S3_REGION,
    credentials: accessKeyId === "" ? null : { accessKeyId, secretAccessKey },
    forcePathStyle: config.BLOB_S3_FORCE_PATH_STYLE,
  });
}
