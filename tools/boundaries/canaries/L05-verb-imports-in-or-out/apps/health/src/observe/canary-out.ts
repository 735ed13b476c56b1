import { rows } from "../out/attempts.postgres";

export const folded = rows;
