// What a module of the package defines by a call, a bundler must keep: it cannot know that the call only makes the value. Marked as
// pure, such a definition goes where nobody uses it.
import { parseSync } from 'vite';

/** The source with `const a = make(...)` of its top level as `const a = /* @__PURE__ *\/ (() => (make(...)))()`. */
export function pureDefinitions(path: string, text: string): string {
  let marked = text;
  for (const { start, end } of calledFor(parseSync(path, text).program.body).reverse())
    marked = `${marked.slice(0, start)}/* @__PURE__ */ (() => (${marked.slice(start, end)}))()${marked.slice(end)}`;
  return marked;
}

type Statement = ReturnType<typeof parseSync>['program']['body'][number];

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the values stand that are more than literals and functions. */
function calledFor(body: readonly Statement[]): Place[] {
  return body.flatMap((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declaration?.type !== 'VariableDeclaration') return [];
    return declaration.declarations.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init && calls(init) ? [init] : [],
    );
  });
}

/** Whether something happens where the value is made; what a function in it does happens later. */
function calls(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const type = 'type' in node ? String(node.type) : '';
  if (/Function/.test(type)) return false;
  return /^(?:Call|New|Member)Expression$|^SpreadElement$/.test(type) || Object.values(node).some(calls);
}
