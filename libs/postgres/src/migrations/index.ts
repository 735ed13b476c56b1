import { ManagementTables0001 } from "./0001-management-tables";

/** Every migration, oldest first. An applied one is never changed: what follows from it is a new file at the end. */
export const MIGRATIONS = [ManagementTables0001];
