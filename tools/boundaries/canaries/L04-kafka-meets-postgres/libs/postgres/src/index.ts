export const database = "here";
