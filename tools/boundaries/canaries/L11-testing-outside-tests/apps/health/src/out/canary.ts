import { anEvent } from "@waggle/testing";

export const sample = anEvent;
