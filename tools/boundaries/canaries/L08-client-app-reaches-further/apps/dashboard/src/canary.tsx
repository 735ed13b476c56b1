import { main } from "@waggle/service";

export const run = main;
