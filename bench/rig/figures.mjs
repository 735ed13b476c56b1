/** Medians, percentiles and tables. */

/** @param {number[]} values @param {number} share 0..1 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values) => percentile(values, 0.5);

/** The median of every number of several runs of the same shape. */
export function medians(runs) {
  const [first] = runs;
  return Object.fromEntries(
    Object.keys(first).map((name) => {
      const values = runs.map((run) => run[name]);
      if (typeof first[name] === "object") return [name, medians(values)];
      return [name, typeof first[name] === "number" ? median(values) : first[name]];
    }),
  );
}

export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** Prints a table for people and then one JSON line for programs. */
export function print(title, rows, facts) {
  process.stdout.write(`\n${title}\n`);
  console.table(rows);
  process.stdout.write(`${JSON.stringify({ bench: title, ...facts, rows })}\n`);
}
