import type { Pool } from "pg";

export type Kept = Pool;
