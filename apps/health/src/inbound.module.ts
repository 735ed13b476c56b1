import { type DynamicModule, Module } from "@nestjs/common";
import type { Database } from "@waggle/postgres";
import type { Service } from "@waggle/service";
import { GrpcInboundMessagesController } from "./in/grpc/inbound-messages.controller";
import { InboundMessagesController } from "./in/http/inbound-messages.controller";
import { BackgroundWork } from "./in/runners/background-work";
import { RepeatedWork } from "./in/runners/repeated-work";
import { BlobRetention } from "./observe/inbound/blob-retention";
import { Messages } from "./observe/inbound/messages";
import type { Blobs } from "./observe/inbound/ports";
import { PostgresMessageReader } from "./out/mail/message-reader.postgres";

export interface InboundOptions {
  readonly service: Service;
  readonly database: Database;
  readonly blobs: Blobs;
  readonly retentionDays: number;
}

/** Whole days go at a time: an hour more or less is no matter. */
const SWEEP_EVERY_MS = 3_600_000;

@Module({})
class InboundModule {}

/** Wires mail that came in as people read it, and its end. It is stored where the log is. */
export function inboundModule({ service, database, blobs, retentionDays }: InboundOptions): DynamicModule {
  const { logger } = service;
  const now = Date.now;
  const retention = new BlobRetention({ blobs, retentionDays, now, logger });
  const work = new RepeatedWork({
    work: () => retention.sweep(),
    everyMs: SWEEP_EVERY_MS,
    failed: "inbound.sweep_failed",
    logger,
  });
  const reader = new PostgresMessageReader(database, { now, retentionDays });
  return {
    module: InboundModule,
    controllers: [InboundMessagesController, GrpcInboundMessagesController],
    providers: [
      { provide: Messages, useValue: new Messages(reader, blobs) },
      { provide: BackgroundWork, useValue: new BackgroundWork([work]) },
    ],
  };
}
