import { ALLOWED, type RefusalReason, refuse, type Verdict } from "./verdict";

const MAX_URL_LENGTH = 2048;

/**
 * Spellings that WHATWG URL repairs silently and other parsers read differently, which is how a check and a
 * connection come to disagree about the host. In this order, the first that applies is the reason.
 */
const REFUSED_SPELLINGS: readonly { reason: RefusalReason; detail: string; applies: (url: string) => boolean }[] = [
  {
    reason: "url_too_long",
    detail: `the URL is longer than ${MAX_URL_LENGTH} characters`,
    applies: (url) => url.length > MAX_URL_LENGTH,
  },
  {
    reason: "control_character",
    detail: "the URL contains whitespace, a control character or half a character",
    applies: (url) => /[\p{Cc}\p{Cs}\p{Z}\s]/u.test(url),
  },
  {
    reason: "backslash",
    detail: "the URL contains a backslash",
    applies: (url) => url.includes("\\"),
  },
  {
    reason: "fragment_with_at",
    detail: "the URL contains an @ behind a #",
    applies: (url) => /#.*@/.test(url),
  },
  {
    reason: "wrong_form",
    detail: "the URL must start with https:// and a host",
    applies: (url) => !/^https?:\/\/[^/?#]/i.test(url),
  },
  {
    reason: "user_info",
    detail: "the URL contains a user name or password; use a custom header instead",
    applies: (url) => /^https?:\/\/[^/?#]*@/i.test(url),
  },
];

/** Judges a URL as written, before any parser has touched it. */
export function judgeRawUrl(rawUrl: string): Verdict {
  const refused = REFUSED_SPELLINGS.find(({ applies }) => applies(rawUrl));
  return refused === undefined ? ALLOWED : refuse(refused.reason, refused.detail);
}
