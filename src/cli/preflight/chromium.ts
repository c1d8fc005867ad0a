import { existsSync } from 'node:fs';
import type { Found } from './machine.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The system's Chromium or Chrome: CHROME_BIN when set, else the first known place that exists. */
export function findChromium(chosen: string | undefined = process.env.CHROME_BIN): Found {
  if (chosen !== undefined) {
    return existsSync(chosen)
      ? { name: chosen }
      : { name: null, reason: `CHROME_BIN names no file: ${chosen}`, curable: false };
  }
  const name = places.find((place) => existsSync(place));
  return name ? { name } : { name: null, reason: 'none of its usual places has it', curable: true };
}
