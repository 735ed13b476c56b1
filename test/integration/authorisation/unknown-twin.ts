/** As many characters of an id as nobody guesses. */
const CHANGED = 8;

/**
 * An id of the same form that nothing has: its last letters and digits are others, which ULIDs, hex, hashes and
 * publishers' ids have in common. Of an address it is those before the @.
 */
export function unknownTwin(id: string): string {
  let left = CHANGED;
  const [local = "", ...domain] = id.split("@");
  const characters = [...local].reverse().map((character) => {
    if (left === 0 || !/[A-Za-z0-9]/.test(character)) return character;
    left -= 1;
    return character === "2" ? "3" : "2";
  });
  return [characters.reverse().join(""), ...domain].join("@");
}
