import { PROBLEMS } from "@waggle/contracts";

export const codes = Object.keys(PROBLEMS);
