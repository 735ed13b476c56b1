export const DIALECTS = ["standard"] as const;
