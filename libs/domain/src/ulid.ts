const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A ULID (github.com/ulid/spec): 10 characters of time, 16 of randomness, sorting by time.
 * `random` holds at least 16 bytes of which five bits each are used.
 */
export function ulid(nowMs: number, random: Uint8Array): string {
  if (random.length < 16) throw new RangeError("a ULID needs 16 random bytes");
  let time = "";
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = CROCKFORD.charAt(rest % 32) + time;
  let tail = "";
  for (const byte of random.subarray(0, 16)) tail += CROCKFORD.charAt(byte & 31);
  return time + tail;
}
