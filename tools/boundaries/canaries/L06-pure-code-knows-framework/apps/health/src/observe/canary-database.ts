import type { DataSource } from "typeorm";

export type Kept = DataSource;
