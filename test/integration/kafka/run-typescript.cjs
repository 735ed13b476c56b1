/**
 * `node run-typescript.cjs <file.ts> …`: runs a TypeScript program of the tests in a process of its own, compiled as it
 * is loaded with the settings of the build, so that no stale build is ever what is tested.
 */
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { join, resolve } = require("node:path");
const { transformSync } = require("@swc/core");

const root = resolve(__dirname, "../../..");
const { exclude: _, ...options } = JSON.parse(readFileSync(join(root, ".swcrc"), "utf8"));
const { baseUrl: _baseUrl, paths: _paths, ...jsc } = options.jsc;

require.extensions[".ts"] = (module, filename) => {
  const source = readFileSync(filename, "utf8");
  const { code } = transformSync(source, { ...options, jsc, swcrc: false, filename, sourceMaps: "inline" });
  module._compile(code, filename);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolveAlias(request, ...rest) {
  const [, lib] = /^@waggle\/([^/]+)$/.exec(request) ?? [];
  return resolveFilename.call(this, lib ? join(root, "libs", lib, "src/index.ts") : request, ...rest);
};

process.argv.splice(1, 1);
require(resolve(process.argv[1]));
