import { binaryArray } from "./binary-array";

/** What is selected of a column's element. Lists and JSON travel as text: `unnest` would flatten an array of arrays. */
const SELECTED = {
  text: (element: string) => element,
  texts: (element: string) => `${element}::text[]`,
  integers: (element: string) => `${element}::integer[]`,
  json: (element: string) => `${element}::json`,
  delivery_status: (element: string) => `${element}::delivery_status`,
  integer: (element: string) => element,
  bigint: (element: string) => element,
  boolean: (element: string) => element,
  /** Milliseconds since the epoch. */
  time: (element: string) => `to_timestamp(${element} / 1000.0)`,
} as const;

const ARRAY_TYPES: Readonly<Record<keyof typeof SELECTED, string>> = {
  text: "text[]",
  texts: "text[]",
  integers: "text[]",
  json: "text[]",
  delivery_status: "text[]",
  integer: "integer[]",
  bigint: "bigint[]",
  boolean: "boolean[]",
  time: "float8[]",
};

/** One column of the rows to be inserted, and where in a row its value is. */
export type BulkColumn<Row> = { readonly name: string } & (
  | {
      readonly kind: "text" | "texts" | "integers" | "json" | "delivery_status";
      readonly of: (row: Row) => string | null;
    }
  | { readonly kind: "integer" | "bigint" | "time"; readonly of: (row: Row) => number | null }
  | { readonly kind: "boolean"; readonly of: (row: Row) => boolean | null }
);

export interface BulkInsert<Row> {
  /** `INSERT INTO … SELECT … FROM unnest(…)`, to be followed by `ON CONFLICT`. */
  readonly sql: string;
  /**
   * Its parameters: one per column, whatever the number of rows.
   * @throws RangeError for a number that its column cannot hold
   */
  readonly values: (rows: readonly Row[]) => Buffer[];
}

/** An insert of any number of rows in one statement; rows go in, and are locked, in their order. */
export function bulkInsert<Row>(table: string, columns: readonly BulkColumn<Row>[]): BulkInsert<Row> {
  const names = columns.map(({ name }) => name).join(", ");
  const selected = columns.map(({ name, kind }) => SELECTED[kind](`given.${name}`)).join(", ");
  const parameters = columns.map(({ kind }, index) => `$${index + 1}::${ARRAY_TYPES[kind]}`).join(", ");
  return {
    sql: `INSERT INTO ${table} (${names}) SELECT ${selected} FROM unnest(${parameters}) AS given (${names})`,
    values: (rows) => columns.map((column) => parameter(column, rows)),
  };
}

function parameter<Row>(column: BulkColumn<Row>, rows: readonly Row[]): Buffer {
  switch (column.kind) {
    case "text":
    case "texts":
    case "integers":
    case "json":
    case "delivery_status":
      return binaryArray.text(rows.map(column.of));
    case "integer":
      return binaryArray.integer(rows.map(column.of));
    case "bigint":
      return binaryArray.bigint(rows.map(column.of));
    case "time":
      return binaryArray.float8(rows.map(column.of));
    case "boolean":
      return binaryArray.boolean(rows.map(column.of));
  }
}

/** A list of text as PostgreSQL writes arrays. */
export function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
