import { cruiseTree } from "./cruise.mjs";
import { environmentReads } from "./environment-reads.mjs";

/**
 * All that breaks a law below `baseDir`.
 * @param {string} baseDir
 * @param {string[]} directories
 */
export async function judgeTree(baseDir, directories) {
  const { modules, violations } = await cruiseTree(baseDir, directories);
  return { modules, violations: [...violations, ...environmentReads(baseDir, modules)] };
}
