/** Jest's globalTeardown. */
export { stopStack as default } from "./start-stack.mjs";
