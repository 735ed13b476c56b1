import { WaggleError } from "@waggle/domain";
import type { Authenticator } from "../manage/authenticator";

/** A token is only as good as the key is there; while that cannot be looked up, who watches goes on. */
export async function isStillValid(token: string, authenticator: Authenticator): Promise<boolean> {
  try {
    await authenticator.authenticate(token);
    return true;
  } catch (error) {
    return !(error instanceof WaggleError && error.code === "unauthorized");
  }
}
