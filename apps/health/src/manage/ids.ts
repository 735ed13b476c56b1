/** Whether `id` can be an id of ours; anything else is unknown without asking the database. */
export function isId(prefix: "ten" | "key" | "wh" | "rcv", id: string): boolean {
  return id.startsWith(`${prefix}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id.slice(prefix.length + 1));
}
