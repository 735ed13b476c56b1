/** What goes into one statement: PostgreSQL takes 65,535 parameters, and a row has some twenty. */
const ROWS = 1_000;

/** The rows in their order, cut so that each part fits into one statement. */
export function* inStatements<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS) yield rows.slice(start, start + ROWS);
}
