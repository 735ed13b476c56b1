import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { AuditLog } from "../../manage/audit/audit-log";
import type { Caller } from "../../manage/caller";
import { WebhookHistory } from "../../manage/webhooks/webhook-history";
import { auditEntryView } from "../views/audit-view";
import { historyView, pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asQuestion } from "./use-case-input";

/** What was done, and by whom. */
@RpcService()
export class GrpcChangesController {
  constructor(
    private readonly auditLog: AuditLog,
    private readonly history: WebhookHistory,
  ) {}

  @GrpcMethod("AuditLog", "List")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.auditLog.list(caller, asQuestion(request).query), auditEntryView);
  }

  @GrpcMethod("Webhooks", "ListHistory")
  async listHistory(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.history.list(caller, asQuestion(request)), historyView);
  }
}
