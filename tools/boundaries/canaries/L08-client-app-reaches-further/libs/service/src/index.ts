export const main = "here";
