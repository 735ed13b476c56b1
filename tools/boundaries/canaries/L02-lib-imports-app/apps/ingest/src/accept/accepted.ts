export interface Accepted {
  readonly id: string;
}
