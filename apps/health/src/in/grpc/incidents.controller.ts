import { GrpcMethod } from "@nestjs/microservices";
import { Incidents } from "../../judge/incidents/incidents";
import type { Caller } from "../../manage/caller";
import { incidentView } from "../views/incident-view";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcService } from "./rpc-service";

@RpcService()
export class GrpcIncidentsController {
  constructor(private readonly incidents: Incidents) {}

  @GrpcMethod("Incidents", "Get")
  async get(@RpcCaller() caller: Caller) {
    return incidentView(await this.incidents.latest(caller, { query: {} }));
  }

  @GrpcMethod("Incidents", "Close")
  async close(@RpcCaller() caller: Caller) {
    return incidentView(await this.incidents.close(caller, { query: {}, body: {} }));
  }
}
