import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The rule's name, and its canary's. */
export const environmentRule = "L10-environment-read-outside-config";

const judged = /^(apps|libs)\/.*[.]tsx?$/;
const allowed = /^libs\/service\/src\/config\/|^libs\/testing\/|[.]spec[.]ts$/;
const processModules = ["process", "node:process"];

/**
 * Law L10: the environment is read once, in libs/service's config. Finds `process.env` in each of its spellings.
 * @param {string} baseDir
 * @param {string[]} modules paths relative to it
 * @returns {import("./cruise.mjs").Violation[]}
 */
export function environmentReads(baseDir, modules) {
  return modules
    .filter((file) => judged.test(file) && !allowed.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(baseDir, file), "utf8");
      if (!text.includes("process")) return [];
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      return readsIn(source).map((node) => {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        return { rule: environmentRule, files: [file], what: `${file}:${line + 1}` };
      });
    });
}

/**
 * @param {ts.Node} node
 * @returns {ts.Node[]}
 */
function readsIn(node) {
  /** @type {ts.Node[]} */
  const found = isEnvironmentRead(node) ? [node] : [];
  node.forEachChild((child) => void found.push(...readsIn(child)));
  return found;
}

/** @param {ts.Node} node */
function isEnvironmentRead(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === "env" && isProcess(node.expression);
  if (ts.isElementAccessExpression(node)) {
    return ts.isStringLiteral(node.argumentExpression) && node.argumentExpression.text === "env"
      ? isProcess(node.expression)
      : false;
  }
  if (ts.isVariableDeclaration(node)) {
    return node.initializer !== undefined && isProcess(node.initializer) && !ts.isIdentifier(node.name)
      ? node.name.elements.some((element) => ts.isBindingElement(element) && takesEnv(element))
      : false;
  }
  return isImportOfProcess(node);
}

/**
 * `process`, or `process` of something, such as globalThis.
 * @param {ts.Expression} expression
 */
function isProcess(expression) {
  if (ts.isIdentifier(expression)) return expression.text === "process";
  return ts.isPropertyAccessExpression(expression) && expression.name.text === "process";
}

/**
 * `{ env }` and `{ env: other }`, and the rest that has it.
 * @param {ts.BindingElement} element
 */
function takesEnv(element) {
  const name = element.propertyName ?? element.name;
  return element.dotDotDotToken !== undefined || (ts.isIdentifier(name) && name.text === "env");
}

/**
 * The module `process` has other names for the same: no code of ours needs it, the global is there.
 * @param {ts.Node} node
 */
function isImportOfProcess(node) {
  return (
    (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier) &&
    processModules.includes(node.moduleSpecifier.text)
  );
}
