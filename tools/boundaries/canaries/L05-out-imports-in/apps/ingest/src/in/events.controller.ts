export interface Request {
  readonly body: string;
}
