import { Readable } from "node:stream";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { WaggleError } from "@waggle/domain";
import { Blobs, type OpenBlob } from "../../observe/inbound/ports";

export interface S3Options {
  readonly bucket: string;
  /** Null: Amazon's own, of the region. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Null: what the process finds, such as the role of its machine or pod. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** The bucket in the path rather than in the host name. */
  readonly forcePathStyle: boolean;
}

const CONNECT_LIMIT_MS = 3_000;
/** A server that is silent for this long is given up. */
const SILENCE_LIMIT_MS = 15_000;
const TRIES = 3;
/** Sorts behind every key of a group: the character after `/`. */
const AFTER_SLASH = "0";

/** Blobs in a bucket of Amazon S3, or of whatever speaks its protocol. */
export class S3Blobs extends Blobs {
  private readonly client: S3Client;

  constructor(private readonly options: S3Options) {
    super();
    const { endpoint, region, credentials, forcePathStyle } = options;
    this.client = new S3Client({
      region,
      forcePathStyle,
      ...(endpoint === null ? {} : { endpoint }),
      ...(credentials === null ? {} : { credentials }),
      maxAttempts: TRIES,
      requestHandler: { connectionTimeout: CONNECT_LIMIT_MS, requestTimeout: SILENCE_LIMIT_MS },
      // Many servers do not know the checksums that Amazon's do; a broken transfer is found by its length or by TLS.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  put(key: string, content: Uint8Array): Promise<void> {
    return answering(async () => {
      await this.client.send(new PutObjectCommand({ ...this.at(key), Body: content, ContentLength: content.length }));
    });
  }

  open(key: string): Promise<OpenBlob | null> {
    return answering(async () => {
      try {
        const { Body, ContentLength } = await this.client.send(new GetObjectCommand(this.at(key)));
        // In Node it is always a stream of Node's.
        if (!(Body instanceof Readable)) throw new Error("the object has no content");
        return { bytes: ContentLength ?? 0, content: Body };
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    });
  }

  groups(): Promise<readonly string[]> {
    return answering(async () => {
      const groups = new Set<string>();
      // At most one request a group, of which there are as many as days: in delimiters servers beside Amazon's differ.
      for (let after: string | undefined; ; ) {
        const start = after === undefined ? {} : { StartAfter: after };
        const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ ...this.bucket, ...start }));
        const found = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key.split("/", 1)[0] ?? Key]));
        const last = found.at(-1);
        if (last === undefined) return [...groups];
        for (const group of found) groups.add(group);
        after = `${last}${AFTER_SLASH}`;
      }
    });
  }

  removeGroup(group: string): Promise<void> {
    return answering(async () => {
      // Always the first page: what was listed is gone the next time.
      for (;;) {
        const page = await this.client.send(new ListObjectsV2Command({ ...this.bucket, Prefix: `${group}/` }));
        const keys = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
        if (keys.length === 0) return;
        const { Errors = [] } = await this.client.send(
          new DeleteObjectsCommand({ ...this.bucket, Delete: { Objects: keys, Quiet: true } }),
        );
        if (Errors.length > 0) throw new Error(`${Errors.length} objects could not be removed`);
      }
    });
  }

  /** Lets its connections go. */
  close(): void {
    this.client.destroy();
  }

  private get bucket() {
    return { Bucket: this.options.bucket };
  }

  private at(key: string) {
    return { ...this.bucket, Key: key };
  }
}

async function answering<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new WaggleError("blob_store_unavailable", "the bucket does not answer", { cause });
  }
}
