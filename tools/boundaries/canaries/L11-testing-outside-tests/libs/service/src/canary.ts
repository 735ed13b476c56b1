import { stack } from "../../../test/setup/stack";

export const borrowed = stack;
