/** What stands in the way, said in one sentence for whoever typed the command: shown as it is, without a stack. */
export class Problem extends Error {}
