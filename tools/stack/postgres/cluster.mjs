import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Problem } from "../../problem.mjs";
import { lastLines, runOnce } from "../../process/run-once.mjs";
import { makeOnce } from "../directories.mjs";
import { postgresBinaries } from "./binaries.mjs";
import { asUser, postgresUser } from "./system-user.mjs";

/** Owner of the embedded cluster. */
export const superuser = "waggle";

/**
 * Makes the database cluster the first time (what is there is kept). Its one user is {@link superuser}, by password.
 * The same text comparison everywhere: PostgreSQL's own C.UTF-8, whatever locales the machine has.
 * @param {{ dataDir: string, password: string, shortLived?: boolean }} options
 * @param {AbortSignal} signal
 */
export async function prepareCluster({ dataDir, password, shortLived = false }, signal) {
  const { initdb } = await postgresBinaries();
  const user = await postgresUser(signal);
  await mkdir(dirname(dataDir), { recursive: true });
  await makeOnce(dataDir, async (unfinished) => {
    const passwordFile = `${unfinished}.password`;
    try {
      await writeFile(passwordFile, password, { mode: 0o600 });
      if (user) for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid);
      const args = ["-D", unfinished, `--username=${superuser}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
      args.push("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8");
      if (shortLived) args.push("--no-sync");
      const { code, output } = await runOnce(asUser({ command: initdb, args }, user, [unfinished]), signal);
      if (code !== 0) throw new Problem(`PostgreSQL's data could not be initialised (${code}):\n${lastLines(output)}`);
    } finally {
      await rm(passwordFile, { force: true });
    }
  });
}
