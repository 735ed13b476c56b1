import { Problem } from "../problem.mjs";

/**
 * @typedef {object} Flags
 * @property {boolean} demo also run a receiver that prints what it gets
 * @property {boolean} fresh begin with empty embedded data
 * @property {boolean} json one line of JSON on stdout, everything else on stderr
 */

const known = ["--demo", "--fresh", "--json"];

/**
 * @param {string[]} args
 * @returns {Flags}
 * @throws {Problem} on anything else
 */
export function readFlags(args) {
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) {
    throw new Problem(
      `npm start does not know ${unknown.join(" ")}: after "npm start --" it takes ${known.join(", ")}.`,
    );
  }
  return { demo: args.includes("--demo"), fresh: args.includes("--fresh"), json: args.includes("--json") };
}
