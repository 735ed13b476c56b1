/**
 * The laws of ARCHITECTURE.md that are about imports, as rules of dependency-cruiser. Every rule is named after its law
 * and has a folder of the same name in canaries/. L10 is about what is read, not imported: environment-reads.mjs.
 */

/** @typedef {import("dependency-cruiser").IRegularForbiddenRuleType & { name: string }} Rule */

/** Specs, and the fakes they share. */
const spec = "[.](spec|fake)[.]ts$";
const verbFolder = "^apps/(ingest|router|dispatcher|health)/src/(?!in/|out/)[^/]+/";
/** Specs and what only they use may reach further than the code they test. */
const tests = `${spec}|^libs/testing/|^test/`;

/**
 * What an import of these npm packages resolves to.
 * @param {string[]} names
 */
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join("|")})/`;

const kafkaClient = packages("kafkajs");
const databaseClients = packages("pg", "typeorm", "@nestjs/typeorm");
const frameworks = packages("@nestjs/[^/]+", "typeorm", "kafkajs", "pg", "prom-client");

/**
 * @param {string} name
 * @param {Rule["from"]} from
 * @param {Rule["to"]} to
 * @returns {Rule}
 */
const never = (name, from, to) => ({ name, severity: "error", from, to });

/** @type {Rule[]} */
export const rules = [
  never("L01-app-imports-app", { path: "^apps/([^/]+)/" }, { path: "^apps/", pathNot: "^apps/$1/" }),

  never("L02-lib-imports-app", { path: "^libs/" }, { path: "^apps/" }),

  never("L03-domain-imports-something", { path: "^libs/domain/", pathNot: spec }, { pathNot: "^libs/domain/" }),
  never(
    "L03-contracts-import-more",
    { path: "^libs/contracts/", pathNot: spec },
    { pathNot: ["^libs/(contracts|domain)/", packages("zod")] },
  ),

  never("L04-kafka-meets-postgres", { path: "^libs/kafka/" }, { path: ["^libs/postgres/", databaseClients] }),
  never("L04-postgres-meets-kafka", { path: "^libs/postgres/" }, { path: ["^libs/kafka/", kafkaClient] }),
  never(
    "L04-kafkajs-outside-libs-kafka",
    { path: "^(apps|libs)/", pathNot: ["^libs/(kafka|postgres)/", tests] },
    { path: kafkaClient },
  ),
  never(
    "L04-database-in-data-plane",
    { path: "^apps/(ingest|router|dispatcher)/" },
    { path: ["^libs/postgres/", databaseClients] },
  ),

  never("L05-in-imports-out", { path: "^apps/([^/]+)/src/in/" }, { path: "^apps/$1/src/out/" }),
  never("L05-out-imports-in", { path: "^apps/([^/]+)/src/out/" }, { path: "^apps/$1/src/in/" }),
  never("L05-verb-imports-in-or-out", { path: verbFolder }, { path: "^apps/[^/]+/src/(in|out)/" }),

  never(
    "L06-pure-code-knows-framework",
    { path: [verbFolder, "^libs/contracts/", "^libs/domain/"], pathNot: spec },
    { path: [frameworks, "^libs/(kafka|postgres|service)/"] },
  ),

  never(
    "L07-lib-entered-beside-index",
    { path: "^(apps|test|tools)/" },
    { path: "^libs/", pathNot: "^libs/[^/]+/src/index[.]ts$" },
  ),
  never(
    "L07-lib-enters-lib-beside-index",
    { path: "^libs/([^/]+)/" },
    { path: "^libs/", pathNot: ["^libs/$1/", "^libs/[^/]+/src/index[.]ts$"] },
  ),

  never(
    "L08-client-app-reaches-further",
    { path: "^apps/(dashboard|cli)/" },
    { path: "^libs/", pathNot: "^libs/(client|contracts|domain)/" },
  ),

  never("L09-cycle", {}, { circular: true }),

  never(
    "L11-testing-outside-tests",
    { path: "^(apps|libs|tools)/", pathNot: tests },
    { path: "^(libs/testing|test)/" },
  ),

  // Not a law, but what the laws stand on: an import that does not resolve is invisible to them.
  never("unresolved-import", { path: "^(apps|libs|test|tools)/" }, { couldNotResolve: true }),
];
