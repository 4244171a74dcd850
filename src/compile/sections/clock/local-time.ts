/** `VIR00:30`, `CET-1`, `EST5EDT`: the standard offset of a POSIX TZ string, west of Greenwich counting up. */
const POSIX_ZONE = /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)([+-]?\d{1,2})(?::(\d{2}))?(?::(\d{2}))?/;

/**
 * What a clock in `timezone` shows at a moment, both as seconds of the epoch.
 * @param timezone a name of the zone database (`Europe/Paris`), or a POSIX string (`VIR00:30`), whose daylight
 *   saving is not looked at; UTC if it is neither
 */
export function localTime(seconds: number, timezone: string): number {
  const posix = POSIX_ZONE.exec(timezone);
  if (posix !== null) return seconds - posixOffset(posix);
  const format = zoneFormat(timezone);
  return format === undefined ? seconds : shownAt(seconds, format);
}

function posixOffset([, hours = '0', minutes = '0', seconds = '0']: RegExpExecArray): number {
  const sign = hours.startsWith('-') ? -1 : 1;
  return sign * (Math.abs(Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

function shownAt(seconds: number, format: Intl.DateTimeFormat): number {
  const parts = Object.fromEntries(
    format.formatToParts(new Date(seconds * 1000)).map((part) => [part.type, Number(part.value)]),
  );
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
