// The operations of a family: those of one kernel share a table when they are many, the others have an entry each.
import type { Spec } from '../../src/backend/backend.ts';
import type { OpDefinition } from '../../src/engine/op.ts';
import { formatShape } from '../../src/tensor/shape.ts';
import { callsOf, costExample, headerLine, shadersOf } from './facts.ts';
import { anchor, code, fileLink, prose, table } from './markdown.ts';
import { NO_INPUTS, NOT_DIFFERENTIABLE, type OpText } from './text.ts';

export interface Entry {
  readonly op: OpDefinition;
  readonly text: OpText;
  /** The docstring of the function of the same name, if there is one. */
  readonly doc: string | undefined;
  /** Functions that run this operation alone. */
  readonly users: readonly string[];
  readonly cpuFile: string;
}

/** From this many on, operations of one kernel share a table. */
const MANY = 4;

export function entryTexts(entries: readonly Entry[]): string[] {
  const kindOf = ({ op, text }: Entry) => `${op.kernel} ${text.shapes}`;
  const alike = (entry: Entry) => entries.filter((other) => kindOf(other) === kindOf(entry));
  return entries.flatMap((entry) => {
    const group = alike(entry);
    if (group.length < MANY) return [entryText(entry)];
    return group[0] === entry ? [groupText(group)] : [];
  });
}

function entryText(entry: Entry): string {
  const { op, text, doc, users } = entry;
  const formula = hasFormula(text) ? `${text.formula}\n\n${text.gradient}` : text.formula;
  return [
    `### ${code(op.name)}`,
    ...(doc ? [prose(doc)] : []),
    `\`\`\`text\n${formula}\n\`\`\``,
    factTable(entry, [
      ['gradient', hasFormula(text) ? undefined : text.gradient],
      ['special values', text.special],
      ['functions', users.map(code).join(', ')],
    ]),
  ].join('\n\n');
}

function groupText(group: readonly Entry[]): string {
  const [first] = group;
  const rows = group.map(({ op, text }) => [
    `<a id="${anchor(op.name)}"></a>${code(op.name)}`,
    code(text.formula),
    hasFormula(text) ? code(text.gradient) : text.gradient,
    text.special ?? '',
  ]);
  return `${factTable(first!, [])}\n\n${table(['op', 'formula', 'gradient', 'special values'], rows)}`;
}

/** Whether the gradient is mathematics, not words. */
function hasFormula({ gradient }: OpText): boolean {
  return !gradient.startsWith(NOT_DIFFERENTIABLE) && gradient !== NO_INPUTS;
}

type Fact = readonly [what: string, text: string | undefined];

/** Shapes, then `more`, then where and at what cost the operation is computed. Facts without text are left out. */
function factTable({ op, text, cpuFile }: Entry, more: readonly Fact[]): string {
  const rows = [...more, ...(op.alias ? aliasFacts : runFacts(op, cpuFile))].filter(([, fact]) => fact);
  return table(
    ['shapes', code(text.shapes)],
    rows.map(([what, fact]) => [what, fact!]),
  );
}

const aliasFacts: readonly Fact[] = [['kernel', 'none: nothing runs, the result shares the storage of its input']];

function runFacts(op: OpDefinition, cpuFile: string): Fact[] {
  const calls = callsOf(op);
  return [
    ['kernel', `${code(op.kernel)}, on the CPU in ${fileLink(cpuFile)}`],
    ...shadersOf(calls).map((shader): Fact => {
      const flops = op.flops ? headerLine(shader, 'FLOPs') : 'none';
      const cost = `FLOPs: ${flops}; bytes: ${headerLine(shader, 'bytes')}`;
      return ['shader', `${fileLink(`shaders/${shader.name}.wgsl`)} · ${prose(cost)}`];
    }),
    ['a run', formatRun(op, calls[0]!)],
  ];
}

function formatRun(op: OpDefinition, call: Parameters<typeof costExample>[1]): string {
  const { inputs, outputs, flops, bytes } = costExample(op, call);
  const target = outputs.length > 0 ? outputs.map(formatSpec).join(', ') : 'in place';
  const number = (value: number) => value.toLocaleString('en');
  return `${code(`${inputs.map(formatSpec).join(', ')} → ${target}`.trim())}: ${number(flops)} FLOPs, ${number(bytes)} bytes`;
}

function formatSpec({ shape, dtype }: Spec): string {
  return dtype === 'float32' ? formatShape(shape) : `${dtype} ${formatShape(shape)}`;
}
