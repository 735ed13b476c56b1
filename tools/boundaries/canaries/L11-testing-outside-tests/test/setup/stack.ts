export const stack = {};
