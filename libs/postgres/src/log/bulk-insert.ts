/**
 * How a column travels: as one array parameter of a plain type, made what it is in the SELECT. Times are milliseconds
 * since the epoch, lists of text and JSON are text (an array of arrays would be flattened by `unnest`).
 */
const KINDS = {
  text: { array: "text[]", value: (name: string) => name },
  integer: { array: "integer[]", value: (name: string) => name },
  bigint: { array: "bigint[]", value: (name: string) => name },
  boolean: { array: "boolean[]", value: (name: string) => name },
  time: { array: "float8[]", value: (name: string) => `to_timestamp(${name} / 1000.0)` },
  texts: { array: "text[]", value: (name: string) => `${name}::text[]` },
  json: { array: "text[]", value: (name: string) => `${name}::json` },
  delivery_status: { array: "text[]", value: (name: string) => `${name}::delivery_status` },
} as const;

export interface BulkColumn<Row> {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly of: (row: Row) => string | number | boolean | null;
}

export interface BulkInsert<Row> {
  /** `INSERT INTO … SELECT … FROM unnest(…)`, to be followed by `ON CONFLICT`. */
  readonly sql: string;
  /** Its parameters: as many as there are columns, whatever the number of rows. */
  readonly values: (rows: readonly Row[]) => unknown[][];
}

/** An insert of any number of rows in one statement; rows go in, and are locked, in their order. */
export function bulkInsert<Row>(table: string, columns: readonly BulkColumn<Row>[]): BulkInsert<Row> {
  const names = columns.map(({ name }) => name).join(", ");
  const selected = columns.map(({ name, kind }) => KINDS[kind].value(`given.${name}`)).join(", ");
  const parameters = columns.map(({ kind }, index) => `$${index + 1}::${KINDS[kind].array}`).join(", ");
  return {
    sql: `INSERT INTO ${table} (${names}) SELECT ${selected} FROM unnest(${parameters}) AS given (${names})`,
    values: (rows) => columns.map(({ of }) => rows.map(of)),
  };
}

/** A list of text as PostgreSQL writes arrays. */
export function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
