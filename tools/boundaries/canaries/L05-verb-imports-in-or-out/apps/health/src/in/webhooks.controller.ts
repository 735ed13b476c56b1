export interface Query {
  readonly limit: number;
}
