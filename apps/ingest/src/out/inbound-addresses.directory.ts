import type { InboundEntry } from "@waggle/contracts";
import type { DirectoryTable } from "@waggle/kafka";
import { InboundAddresses } from "../accept/ports";

/** Inbound addresses from the directory. */
export class DirectoryInboundAddresses extends InboundAddresses {
  constructor(private readonly directory: DirectoryTable) {
    super();
  }

  find(hash: string): InboundEntry | null {
    return this.directory.inbound(hash) ?? null;
  }
}
