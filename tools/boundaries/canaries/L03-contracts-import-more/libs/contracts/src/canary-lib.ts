import { seal } from "@waggle/secrets";

export const sealed = seal;
