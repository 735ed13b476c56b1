export const producer = "here";
