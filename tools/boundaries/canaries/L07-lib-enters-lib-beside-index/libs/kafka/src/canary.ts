import { inner } from "../../contracts/src/inner";

export const reached = inner;
