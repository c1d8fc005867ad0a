// What the package holds of a shader: no comments, no needless blanks, short names. Lines stay lines, so that the
// message of a compiler still points at one.

/** WGSL without comments (block comments nest) and blank lines. WGSL has no string literals that could hold either. */
export function stripWgsl(text: string): string {
  let code = '';
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const two = text.slice(at, at + 2);
    if (two === '/*') {
      depth++;
      at += 2;
    } else if (two === '*/' && depth > 0) {
      depth--;
      at += 2;
      // A comment separates tokens as a blank does.
      if (depth === 0) code += ' ';
    } else if (two === '//' && depth === 0) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else {
      if (depth === 0) code += text[at];
      at++;
    }
  }
  return code
    .replace(/[ \t\r]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

/** Shaders without comments, made short together: a name that several of them use has one short name in all, which compresses best. */
export function minifyWgsl(shaders: ReadonlyMap<string, string>): Map<string, string> {
  const stripped = new Map([...shaders].map(([name, text]) => [name, stripWgsl(text)]));
  const short = shortNames([...stripped.values()]);
  return new Map([...stripped].map(([name, text]) => [name, minify(text, short)]));
}

/** Lines that the host reads and sets (src/backend/webgpu/shaderText.ts), which knows them by their blanks. */
const HOST_LINE = /^(?:const|alias|@group)\b/;

function minify(text: string, short: ReadonlyMap<string, string>): string {
  const declared = declaredIn(text);
  return text
    .split('\n')
    .map((line) => (HOST_LINE.test(line) ? line : withoutBlanks(line)))
    .map((line) => line.replace(WORD, (word) => (declared.has(word) && short.get(word)) || word))
    .join('\n');
}

/** A blank stays between two words, and between two signs that might read as one (`a - -b`). */
function withoutBlanks(line: string): string {
  const stays = (before: string, after: string) =>
    (/\w/.test(before) && /\w/.test(after)) || (OPERATOR.test(before) && OPERATOR.test(after));
  return line
    .trim()
    .replace(/(?<=(.))[ \t]+(?=(.))/g, (_, before: string, after: string) => (stays(before, after) ? ' ' : ''));
}

const OPERATOR = /[-+*/%&|^<>=!~]/;

/** A name, keyword or number, but no attribute: the `u` of `0u` and the `group` of `@group` are no names. */
const WORD = /(?<!@)\b\w+/g;
/** Names that a shader declares: variables, functions and structs, and before a colon parameters and members. */
const DECLARED = /\b(?:let|var(?:<[^>]*>)?|const|fn|struct)\s+(\w+)|\b(\w+)\s*:/g;
/** Names that the host says (consts, aliases, bindings, the entry point), and the keyword that stands before a colon. */
const KEPT = /^(?:const|alias) (\w+)|^@group.*? var<[^>]*> (\w+)|\b(main|default)\b/gm;
/** What may be the letters of a vector. */
const SWIZZLE = /^(?:[xyzw]{1,4}|[rgba]{1,4})$/;

const namesIn = (pattern: RegExp, text: string) =>
  [...text.matchAll(pattern)].flatMap(([, ...names]) => names.filter((name) => name !== undefined));
const declaredIn = (text: string): ReadonlySet<string> => new Set(namesIn(DECLARED, text));

/**
 * Long name -> short name. Every name gets one that stands nowhere else, so no two meet, and whichever scope a name
 * belongs to, all that mean it change alike. Where WGSL's own meaning of a name was meant (`length(v)` beside a `let length`)
 * the new one is unknown: such a shader would not compile (test/kernels/shaders.test.ts), never compute something else.
 */
function shortNames(texts: readonly string[]): Map<string, string> {
  const kept = new Set(texts.flatMap((text) => namesIn(KEPT, text)));
  const long = new Set(texts.flatMap((text) => [...declaredIn(text)]));
  const shortened = [...long].filter((name) => name.length > 2 && !kept.has(name) && !SWIZZLE.test(name)).sort();
  const free = unused(new Set(texts.flatMap((text) => text.match(WORD) ?? [])));
  return new Map(shortened.map((name) => [name, free.next().value]));
}

/** a0, b0, ... z0, a1, ...: no keyword, reserved word, type or swizzle of WGSL looks like these. */
function* unused(used: ReadonlySet<string>): Generator<string, never> {
  for (let i = 0; ; i++) {
    const name = `${String.fromCharCode(97 + (i % 26))}${Math.floor(i / 26)}`;
    if (!used.has(name)) yield name;
  }
}
