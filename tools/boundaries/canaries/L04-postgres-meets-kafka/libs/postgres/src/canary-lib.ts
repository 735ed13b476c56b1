import { producer } from "@waggle/kafka";

export const relayed = producer;
