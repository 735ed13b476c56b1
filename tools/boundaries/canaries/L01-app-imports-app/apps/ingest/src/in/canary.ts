import { route } from "../../../router/src/route/route";

export const ahead = route;
