export const PROBLEMS = {};
