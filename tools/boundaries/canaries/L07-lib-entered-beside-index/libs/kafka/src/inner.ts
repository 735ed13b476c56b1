export const inner = "hidden";
