export const anEvent = {};
