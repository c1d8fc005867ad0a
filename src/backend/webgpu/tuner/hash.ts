import type { Way } from '../variant.ts';

/** 32 bits of FNV-1a as hexadecimal: to see that a text has changed, not to guard it. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Of the text of a way's shaders, without comments and spacing: the package ships without them. */
export function shadersHash({ dispatches }: Way): string {
  const texts = new Set(dispatches.map(({ shader }) => shader.text.replace(/\/\/.*/g, '').replace(/\s+/g, ' ')));
  return hashOf([...texts].join('\n'));
}
