import { database } from "@waggle/postgres";

export const asked = database;
