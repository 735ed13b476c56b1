export const route = "here";
