import { existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { Problem } from "../../problem.mjs";
import { runOnce } from "../../process/run-once.mjs";

/** @typedef {{ uid: number, gid: number }} SystemUser */

const name = "postgres";

/**
 * Who runs PostgreSQL, which refuses to be root: ourselves, or as root the user "postgres", made when there is none.
 * @param {AbortSignal} signal
 * @returns {Promise<SystemUser | null>} null: as ourselves
 */
export async function postgresUser(signal) {
  if (userInfo().uid !== 0) return null;
  const known = await lookUp(signal);
  if (known) return known;
  const args = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name];
  const { output } = await runOnce({ command: "useradd", args }, signal);
  const made = await lookUp(signal);
  if (!made) {
    throw new Problem(
      `PostgreSQL does not run as root and the user "${name}" could not be made (${output}): start as another user, or set DATABASE_URL.`,
    );
  }
  return made;
}

/** @param {AbortSignal} signal */
async function lookUp(signal) {
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map((flag) => runOnce({ command: "id", args: [flag, name] }, signal)),
  );
  return uid?.code === 0 && gid?.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : null;
}

/**
 * A command run as `user`. When some folder above `paths` is closed to others (a checkout below /root, or in a
 * temporary directory of mode 0700), plain uid and gid cannot get in; setpriv then leaves it the one right to do so.
 * @param {{ command: string, args: string[] }} command
 * @param {SystemUser | null} user
 * @param {string[]} paths
 * @returns {import("../../process/child.mjs").Command}
 */
export function asUser({ command, args }, user, paths) {
  if (!user) return { command, args };
  if ([command, ...paths].every(canBeReached)) return { command, args, ...user };
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  // no_setuid_fixup: otherwise access(2), which PostgreSQL checks its own binaries with, ignores the capability.
  const rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"];
  return { command: "setpriv", args: [...ids, ...rights, command, ...args] };
}

/**
 * Whether any user can get to `path`.
 * @param {string} path
 * @returns {boolean}
 */
function canBeReached(path) {
  const parent = dirname(path);
  if (parent === path) return true;
  const open = !existsSync(parent) || (statSync(parent).mode & 0o001) !== 0;
  return open && canBeReached(parent);
}
