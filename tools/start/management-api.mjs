import { Problem } from "../problem.mjs";

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, unknown>} body empty when the answer is no JSON object
 */

/** The management API, as any client uses it. */
export class ManagementApi {
  #url;
  #signal;

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  constructor(url, signal) {
    this.#url = url;
    this.#signal = signal;
  }

  /**
   * @param {"GET" | "POST" | "PATCH"} method
   * @param {string} path
   * @param {{ token: string, body?: object }} request
   * @returns {Promise<Answer>} whatever its status
   */
  async call(method, path, { token, body }) {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(15_000)]),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  /**
   * As {@link call}, for what must succeed: hands back the named text fields of the answer.
   * @template {string} Field
   * @param {"GET" | "POST" | "PATCH"} method
   * @param {string} path
   * @param {{ token: string, body?: object, fields: Field[] }} request
   * @returns {Promise<Record<Field, string>>}
   * @throws {Problem} on another status than 2xx, or without the fields
   */
  async need(method, path, { fields, ...request }) {
    const { status, body } = await this.call(method, path, request);
    const missing = fields.filter((field) => typeof body[field] !== "string");
    if (status < 200 || status > 299 || missing.length > 0) {
      throw new Problem(`${method} ${path} was answered ${status} ${JSON.stringify(body)}.`);
    }
    return /** @type {Record<Field, string>} */ (body);
  }
}
