import { requirePatchedRelease } from "./patched-release";
import { decodeRecord, type EncodableRecord, encodeRecord } from "./record-codec";

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

let patched = false;

/**
 * Puts `record-codec` in the place of kafkajs's own codec of single records. Must run before a producer or consumer is
 * made: kafkajs loads its protocol when it first speaks it.
 * @throws Error when the installed kafkajs is not the release this was written for
 */
export function patchRecordCodec(): void {
  if (patched) return;
  requirePatchedRelease();
  replaceModule(RECORD, (record: EncodableRecord) => {
    const buffer = encodeRecord(record);
    return { buf: buffer, buffer };
  });
  replaceModule(`${RECORD}/decoder`, ({ buffer }: { readonly buffer: Buffer }, context: BatchContext) => {
    const { timestampDelta, offsetDelta, ...record } = decodeRecord(buffer);
    const isAppendTime = context.timestampType === LOG_APPEND_TIME && Boolean(context.maxTimestamp);
    return {
      ...record,
      magicByte: context.magicByte,
      timestamp: isAppendTime ? context.maxTimestamp : String(Number(String(context.firstTimestamp)) + timestampDelta),
      offset: String(Number(String(context.firstOffset)) + offsetDelta),
      isControlRecord: context.isControlBatch,
      batchContext: context,
    };
  });
  patched = true;
}

/** Where modules are not Node's own (under Jest), kafkajs keeps its codec, which does the same more slowly. */
function replaceModule(id: string, exports: unknown): void {
  require(id);
  const module = require.cache[require.resolve(id)];
  if (module) module.exports = exports;
}
