/**
 * When a message was sent, in the reader's time zone and language.
 * JavaScript, since the browser knows the time zone, and how each language writes a date.
 */

/** Format a time as "Nov 30, 9:03 AM", with the year unless it is the current one; "" for an invalid time. */
export const shortTime = (iso, language) => {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  const year = time.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return time.toLocaleString(language, {year, month: "short", day: "numeric", hour: "numeric", minute: "2-digit"});
};

/** Format a time as "Monday, November 30, 2026 at 9:03:12 AM GMT+9". */
export const longTime = (iso, language) => {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  return time.toLocaleString(language, {dateStyle: "full", timeStyle: "long"});
};
