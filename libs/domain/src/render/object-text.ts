/** One member of a JSON object; an undefined value leaves it out. */
export type Member = readonly [name: string, value: unknown];

/**
 * A JSON object with its members in exactly this order and no spaces. An object literal could not promise that:
 * JavaScript moves number-like keys to the front, and assigning `__proto__` makes no member at all.
 */
export function objectText(members: readonly Member[]): string {
  let text = "";
  for (const [name, value] of members) {
    if (value === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `{${text}}`;
}
