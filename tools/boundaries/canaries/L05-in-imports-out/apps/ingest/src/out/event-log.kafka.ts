export const write = "there";
