const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)";

/** IMF-fixdate, and the two obsolete forms that a recipient must still understand. */
const FORMS = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d{2})-${MONTH}-(?<shortYear>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

const SHORT_YEAR_HORIZON = 50;

/**
 * An HTTP date in milliseconds since the epoch, null when the text is none. All three forms are UTC, which
 * `Date.parse` does not know of asctime's; and it takes many a sentence for a date. A year of two digits that would be
 * more than 50 years after `now` (milliseconds) is meant in the past. Source: RFC 9110 §5.6.7.
 */
export function parseHttpDate(text: string, now: number): number | null {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!parts) return null;
  const { day, month, hour, minute, second } = parts;
  const year = parts.shortYear === undefined ? Number(parts.year) : fullYear(Number(parts.shortYear), now);
  return Date.UTC(year, MONTHS.indexOf(month ?? ""), Number(day), Number(hour), Number(minute), Number(second));
}

function fullYear(twoDigits: number, now: number): number {
  const latest = new Date(now).getUTCFullYear() + SHORT_YEAR_HORIZON;
  return latest - ((latest - twoDigits) % 100);
}
