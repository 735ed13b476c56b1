/** Says process.env, and means it: text is not a read. */
export const explanation = "process.env is read in libs/service only";
export const id = process.pid;
