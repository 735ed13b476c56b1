/** As many characters of an id as nobody guesses. */
const CHANGED = 8;

/**
 * An id of the same form that nothing has: its last letters and digits are others, of an alphabet that ULIDs, hex and
 * publishers' ids have in common.
 */
export function unknownTwin(id: string): string {
  let left = CHANGED;
  const characters = [...id].reverse().map((character) => {
    if (left === 0 || !/[A-Za-z0-9]/.test(character)) return character;
    left -= 1;
    return character === "0" ? "1" : "0";
  });
  return characters.reverse().join("");
}
