import { database } from "@waggle/postgres";

export const kept = database;
