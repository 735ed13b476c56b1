import type { Topic } from "@waggle/contracts";

export const topic: Topic = "email.events";
