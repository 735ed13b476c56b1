import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.mjs";

/**
 * What the first start generates or is given and every later one uses again.
 * @typedef {object} Credentials
 * @property {string} admin_token
 * @property {string} secrets_keys `k1:base64(32 bytes)`; without it the secrets in the database cannot be opened
 * @property {string} postgres_password of the embedded PostgreSQL
 * @property {string} [tenant_id] the demo tenant
 * @property {string} [api_key] its key
 * @property {string} [demo_webhook_id] the webhook on the demo receiver
 */

export class CredentialsFile {
  #path;
  #values;

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.#path = join(dataDir, "credentials.json");
    this.#values = read(this.#path) ?? generate();
    this.#write();
  }

  /** @returns {Readonly<Credentials>} */
  get values() {
    return this.#values;
  }

  /** @param {Partial<Credentials>} changes */
  remember(changes) {
    this.#values = { ...this.#values, ...changes };
    this.#write();
  }

  #write() {
    const unfinished = `${this.#path}.unfinished`;
    writeFileSync(unfinished, `${JSON.stringify(this.#values, null, 2)}\n`, { mode: 0o600 });
    renameSync(unfinished, this.#path);
  }
}

/** @returns {Credentials} */
function generate() {
  return {
    admin_token: `adm_${randomBytes(30).toString("base64url")}`,
    secrets_keys: `k1:${randomBytes(32).toString("base64")}`,
    postgres_password: randomBytes(24).toString("base64url"),
  };
}

/**
 * @param {string} path
 * @returns {Credentials | null} null when there is no file
 */
function read(path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Problem(`${path} cannot be read (${error}).`);
  }
  try {
    /** @type {Partial<Credentials>} */
    const values = JSON.parse(text);
    const { admin_token, secrets_keys, postgres_password } = values;
    if (admin_token && secrets_keys && postgres_password)
      return { ...values, admin_token, secrets_keys, postgres_password };
  } catch {
    // Said below: a file that is not JSON and one without the values are the same to the reader.
  }
  throw new Problem(`${path} is damaged: restore it, or delete it and start with "npm start -- --fresh".`);
}
