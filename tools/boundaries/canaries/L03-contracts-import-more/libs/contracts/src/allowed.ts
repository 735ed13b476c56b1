import { DIALECTS } from "@waggle/domain";
import { z } from "zod";

export const dialect = z.enum(DIALECTS);
