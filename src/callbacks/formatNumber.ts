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

/** `%.<digits>e`: ties go to the even digit, and the exponent has a sign and at least two digits. */
export function exponential(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return notFinite(value);
  return twoDigitExponent(exponentialTiesToEven(value, digits));
}

/** `%.<digits>g`: that many digits in all, without the zeros at the end, and an exponent below 1e-4 and where the digits do not reach the point. */
export function general(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const count = Math.max(digits, 1);
  const [mantissa, exponent] = exponential(value, count - 1).split('e') as [string, string];
  const place = Number(exponent);
  const short = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  return place >= -4 && place < count ? short(fixed(value, count - 1 - place)) : `${short(mantissa)}e${exponent}`;
}

/** What Python writes for a float: the shortest digits that mean it, as JavaScript's, but `1.0`, `1e-05` and `1e+16`. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e16) return twoDigitExponent(value.toExponential());
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A loss, metric or learning rate: four decimals, or an exponent where these would hide the value. */
export function logValue(value: number): string {
  // a callback may have put a text there
  if (typeof value !== 'number') return String(value);
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

const twoDigitExponent = (text: string) => text.replace(/([+-])(\d)$/, '$10$2');

function exponentialTiesToEven(value: number, digits: number): string {
  const rounded = value.toExponential(digits);
  // toExponential rounds ties up. The exact digits of a tie end in a 5 right behind those that are kept.
  const exact = value.toExponential(100);
  const behind = exact.replace(/^-?\d\.|e.*$/g, '').slice(digits);
  if (!/^50*$/.test(behind)) return rounded;
  const cut = exact.slice(0, exact.indexOf('.') + (digits === 0 ? 0 : digits + 1));
  return Number(cut.at(-1)) % 2 === 0 ? cut + exact.slice(exact.indexOf('e')) : rounded;
}

function fixedTiesToEven(size: number, digits: number): string {
  const roundedUp = size.toFixed(digits);
  // A binary fraction lies exactly between two decimals of d digits if and only if it is an odd multiple of 2^-(d+1).
  // Scaling by a power of two is exact, so this test is too.
  const isTie = (size * 2 ** (digits + 1)) % 2 === 1;
  const isOdd = Number(roundedUp.at(-1)) % 2 === 1;
  return isTie && isOdd ? (size - 0.25 * 10 ** -digits).toFixed(digits) : roundedUp;
}
