import { other } from "./canary-value";

export const value = () => other;
