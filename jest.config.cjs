const swc = JSON.parse(require("node:fs").readFileSync(`${__dirname}/.swcrc`, "utf8"));
delete swc.exclude;
delete swc.jsc.paths;
delete swc.jsc.baseUrl;

/** Settings every project shares: compiled by swc, aliases resolved by Jest. */
const base = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { ...swc, swcrc: false }] },
  moduleNameMapper: { "^@waggle/(.*)$": "<rootDir>/libs/$1/src/index.ts" },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/\\.waggle"],
};

/** unit: no process beside Jest. integration and pipeline: a real Kafka and PostgreSQL, started for the run. */
module.exports = {
  projects: [
    {
      ...base,
      displayName: "unit",
      testMatch: ["<rootDir>/{apps,libs}/**/*.spec.ts", "<rootDir>/test/structure/**/*.spec.ts"],
    },
    {
      ...base,
      displayName: "integration",
      testMatch: ["<rootDir>/test/{integration,regressions}/**/*.spec.ts"],
      globalSetup: "<rootDir>/test/setup/start-stack.mjs",
      globalTeardown: "<rootDir>/test/setup/stop-stack.mjs",
    },
    {
      ...base,
      displayName: "pipeline",
      testMatch: ["<rootDir>/test/pipeline/**/*.spec.ts"],
    },
  ],
};
