import { type DecodedHeaders, decodeHeaders, decodeRecord, type EncodableRecord, encodeRecord } from "./record-codec";

/** What kafkajs tells its record decoder about the batch. */
interface BatchContext {
  readonly firstOffset: unknown;
  readonly firstTimestamp: unknown;
  readonly maxTimestamp: unknown;
  readonly timestampType: unknown;
  readonly magicByte: number;
  readonly isControlBatch: boolean;
}

const LOG_APPEND_TIME = 1;
const RECORD = "kafkajs/src/protocol/recordBatch/record/v0";

/**
 * Puts `record-codec` in the place of kafkajs's own codec of single records. Must run before a producer or consumer is
 * made: kafkajs loads its protocol when it first speaks it.
 */
export function patchRecordCodec(): void {
  replaceModule(RECORD, (record: EncodableRecord) => {
    const buffer = encodeRecord(record);
    return { buf: buffer, buffer };
  });
  replaceModule(
    `${RECORD}/decoder`,
    ({ buffer }: { readonly buffer: Buffer }, context: BatchContext) => new BatchRecord(buffer, context),
  );
}

/** A record with the members that kafkajs's own have. Its headers are read when somebody asks for them. */
class BatchRecord {
  readonly attributes: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly offset: string;
  private readonly headersAt: number;

  constructor(
    private readonly bytes: Buffer,
    readonly batchContext: BatchContext,
  ) {
    const { attributes, timestampDelta, offsetDelta, key, value, headersAt } = decodeRecord(bytes);
    const { timestampType, firstTimestamp, maxTimestamp, firstOffset } = batchContext;
    const isAppendTime = timestampType === LOG_APPEND_TIME && Boolean(maxTimestamp);
    this.attributes = attributes;
    this.key = key;
    this.value = value;
    this.timestamp = String(isAppendTime ? maxTimestamp : Number(String(firstTimestamp)) + timestampDelta);
    this.offset = String(Number(String(firstOffset)) + offsetDelta);
    this.headersAt = headersAt;
  }

  get headers(): DecodedHeaders {
    return decodeHeaders(this.bytes, this.headersAt);
  }

  get magicByte(): number {
    return this.batchContext.magicByte;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }
}

/** Where modules are not Node's own (under Jest), kafkajs keeps its codec, which does the same more slowly. */
function replaceModule(id: string, exports: unknown): void {
  require(id);
  const module = require.cache[require.resolve(id)];
  if (module) module.exports = exports;
}
