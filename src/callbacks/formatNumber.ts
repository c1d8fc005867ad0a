/**
 * Numbers as the console shows them, to the character as Keras prints them (which is as C's printf does).
 * `toFixed` alone is not enough: it rounds ties up where printf rounds them to even, and ties do occur:
 * 29 of 32 right is an accuracy of 0.90625, shown as 0.9062.
 */

/** `%.<digits>f`: ties go to the even digit, and large values keep all their digits. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const size = Math.abs(value);
  return (
    (value < 0 ? '-' : '') + (size < 1e21 ? fixedTiesToEven(size, digits) : `${BigInt(size)}.${'0'.repeat(digits)}`)
  );
}

/** `%.4e`: the exponent has a sign and at least two digits. */
export function exponential(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  return value.toExponential(4).replace(/([+-])(\d)$/, '$10$2');
}

/** A loss, metric or learning rate: four decimals, or an exponent where these would hide the value. */
export function logValue(value: number): string {
  return Math.abs(value) > 1e-3 ? fixed(value, 4) : exponential(value);
}

/** A count with its thousands separated by commas. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** A size in steps of 1024, two decimals. */
export function byteSize(bytes: number): string {
  const units = ['B', 'KB', 'MB'];
  let size = bytes;
  for (const unit of units) {
    if (size < 1024) return `${fixed(size, 2)} ${unit}`;
    size /= 1024;
  }
  return `${fixed(size, 2)} GB`;
}

/** Time that is left: `12s`, `1:05` above a minute, `1:02:07` above an hour. Fractions of a second are dropped. */
export function remainingTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds > 3600) return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  if (seconds > 60) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return `${whole}s`;
}

/** Time of one step in the unit that suits it: `2s/step`, `4ms/step`, `85us/step`. Zero, before any step is done, is `0s/step`. */
export function stepTime(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${fixed(seconds, 0)}s/step`;
  if (seconds >= 1e-3) return `${fixed(seconds * 1e3, 0)}ms/step`;
  return `${fixed(seconds * 1e6, 0)}us/step`;
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

function fixedTiesToEven(size: number, digits: number): string {
  const roundedUp = size.toFixed(digits);
  // A binary fraction lies exactly between two decimals of d digits if and only if it is an odd multiple of 2^-(d+1).
  // Scaling by a power of two is exact, so this test is too.
  const isTie = (size * 2 ** (digits + 1)) % 2 === 1;
  const isOdd = Number(roundedUp.at(-1)) % 2 === 1;
  return isTie && isOdd ? (size - 0.25 * 10 ** -digits).toFixed(digits) : roundedUp;
}
