import type { recoverySchema, recoveryTrialSchema, Shown } from "@waggle/contracts";
import type { RecoveryStart } from "../../command/recover/recoveries";
import type { Recovery, RecoverySelection } from "../../command/recover/recovery";
import { instant, instantOrNull } from "./log-view";

/** What would be recovered looks like a recovery that does not exist. */
export function recoveryStartView({
  selection,
  matched,
  recovery,
}: RecoveryStart): Shown<typeof recoverySchema | typeof recoveryTrialSchema> {
  if (recovery) return recoveryView(recovery);
  return { id: null, ...selectionView(selection), dry_run: true, matched };
}

/** Source: contract §4. */
export function recoveryView(recovery: Recovery): Shown<typeof recoverySchema> {
  return {
    id: recovery.id,
    ...selectionView(recovery),
    dry_run: false,
    status: recovery.status,
    reason: recovery.reason,
    matched: recovery.matched,
    requeued: recovery.requeued,
    unrecoverable: recovery.unrecoverable,
    created_at: instant(recovery.created_at),
    finished_at: instantOrNull(recovery.finished_at),
  };
}

function selectionView({ webhook_id, since, until, statuses }: RecoverySelection) {
  return { webhook_id, since: instant(since), until: instant(until), statuses };
}
