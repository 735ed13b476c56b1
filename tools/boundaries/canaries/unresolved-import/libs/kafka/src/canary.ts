import { gone } from "@waggle/never-was";

export const missing = gone;
