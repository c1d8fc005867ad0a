import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ValueError } from '../../src/errors.ts';
import { columnWidths } from '../../src/models/boxTable.ts';
import { type SummaryModel, type SummaryOptions, summaryTable } from '../../src/models/summaryTable.ts';
import { graph, nested, r1, r1WithAdam, unbuilt } from './models.ts';

/** The text in golden/<name>.txt, printed by Keras 3 for the same model (but for the classic ones). */
const golden = (name: string) =>
  readFileSync(new URL(`./golden/${name}.txt`, import.meta.url), 'utf8').replace(/\n$/, '');

const lines = (model: SummaryModel, options: SummaryOptions = {}) => summaryTable(model, options).split('\n');

describe('the boxed summary agrees with Keras to the character', () => {
  it.each<[string, string, SummaryModel, SummaryOptions]>([
    ['R1 on 80 columns', 'r1-80-columns', r1, { terminalColumns: 80 }],
    ['R1 on 92 columns, the widest a chain becomes', 'r1-92-columns', r1, { terminalColumns: 92 }],
    ['R1 on a wide terminal', 'r1-92-columns', r1, { terminalColumns: 300 }],
    [
      'R1 with a given line length, whatever the terminal',
      'r1-92-columns',
      r1,
      { terminalColumns: 60, lineLength: 88 },
    ],
    ['R1 on a terminal of unknown width', 'r1-80-columns', r1, {}],
    ['R1 on a terminal that says it has 0 columns', 'r1-80-columns', r1, { terminalColumns: 0 }],
    ['R1 with the trainable column', 'r1-trainable', r1, { showTrainable: true }],
    [
      'R1 with the trainable column, as wide as it becomes',
      'r1-trainable-wide',
      r1,
      { terminalColumns: 200, showTrainable: true },
    ],
    ['R1 on a short line: header at the bottom, number cut', 'r1-line-40', r1, { lineLength: 40 }],
    ['R1 with positions of our own', 'r1-positions', r1, { positions: [0.33, 0.66, 1] }],
    ['R1 after a step with Adam', 'r1-optimizer', r1WithAdam, {}],
    ['layers that are not built, a name too long', 'unbuilt', unbuilt, {}],
    ['a graph', 'graph', graph, {}],
    ['a graph with the trainable column', 'graph-trainable', graph, { showTrainable: true }],
    ['nested models, one frozen', 'nested-trainable', nested, { expandNested: true, showTrainable: true }],
  ])('%s', (_, name, model, options) => {
    expect(summaryTable(model, options)).toBe(golden(name));
  });

  it.each<[number, number, boolean, SummaryModel]>([
    [76, 80, false, r1],
    [88, 300, false, r1],
    [100, 300, true, r1],
    [108, 300, false, graph],
    [120, 300, true, graph],
  ])(
    'every line of the table has %d characters on a terminal of %d (trainable column: %s)',
    (length, terminalColumns, showTrainable, model) => {
      const table = lines(model, { terminalColumns, showTrainable }).slice(1, -3);
      expect(new Set(table.map((line) => line.length))).toEqual(new Set([length]));
    },
  );
});

describe('column widths', () => {
  it.each([
    [[0.45, 0.8, 1], 76, [33, 24, 15]],
    [[0.45, 0.8, 1], 88, [38, 29, 17]],
    [[0.3, 0.56, 0.74, 1], 76, [21, 19, 12, 19]],
    [[0.405, 0.72, 0.9, 1], 76, [29, 23, 12, 7]],
  ])('for ends at %j of a line of %d are %j', (positions, lineLength, widths) => {
    expect(columnWidths(positions, lineLength)).toEqual(widths);
  });
});

describe('details of the boxed summary', () => {
  it('nested layers are hidden unless asked for, and indented by their depth', () => {
    const inner = nested.rows[0]!;
    const deep: SummaryModel = { ...nested, rows: [{ ...inner, name: 'outer', children: [inner] }] };
    expect(lines(deep).filter((line) => line.includes('conv2d_3'))).toEqual([]);
    const shown = lines(deep, { expandNested: true }).filter((line) => line.includes('└ '));
    expect(shown.map((line) => line.slice(0, 22))).toEqual([
      '│    └ base (Sequentia',
      '│       └ conv2d_3 (Co',
      '│       └ batch_normal',
    ]);
  });

  it('an optimizer without state has no line and is not in the total', () => {
    expect(lines(r1).slice(-3)).toEqual([
      ' Total params: 54,410 (212.54 KB)',
      ' Trainable params: 54,410 (212.54 KB)',
      ' Non-trainable params: 0 (0.00 B)',
    ]);
  });

  it('a model without layers is a header and its totals', () => {
    const table = lines({ ...r1, rows: [] });
    expect(table.length).toBe(5 + 3);
    expect(table[4]).toBe(`└${'─'.repeat(33)}┴${'─'.repeat(24)}┴${'─'.repeat(15)}┘`);
  });

  it('a terminal too narrow for the columns gets a line of 40 characters, not an error', () => {
    expect(summaryTable(r1, { terminalColumns: 10 })).toBe(golden('r1-line-40'));
  });

  it('control characters in a name reach neither the terminal nor the layout', () => {
    const evil = { ...r1, name: 'a\x1b[2Jb', rows: [{ ...r1.rows[0]!, name: 'x\ny\x1b[31m' }] };
    const table = lines(evil);
    expect(table[0]).toBe('Model: "a?[2Jb"');
    expect(table[4]).toContain('│ x?y?[31m (Conv2D) ');
    expect(table.length).toBe(6 + 3);
  });
});

describe('the classic summary', () => {
  it.each<[string, string, SummaryModel, SummaryOptions]>([
    ['R1 has lines of 65 characters, whatever the terminal', 'classic-r1', r1WithAdam, { terminalColumns: 300 }],
    ['a graph has one connection a line', 'classic-graph', graph, {}],
    [
      'the trainable column is 11 more',
      'classic-nested-trainable',
      nested,
      { expandNested: true, showTrainable: true },
    ],
  ])('%s', (_, name, model, options) => {
    expect(summaryTable(model, { ...options, style: 'classic' })).toBe(golden(name));
  });
});

describe('options that fit no table are refused', () => {
  it.each<[string, SummaryModel, SummaryOptions, RegExp]>([
    ['too few positions', r1, { positions: [0.5, 1] }, /3 ascending fractions .* got \[0.5, 1\]/],
    ['too many positions', r1, { positions: [0.2, 0.4, 0.6, 1] }, /3 ascending/],
    ['three positions for a graph', graph, { positions: [0.2, 0.6, 1] }, /4 ascending/],
    ['positions that go back', r1, { positions: [0.6, 0.5, 1] }, /ascending/],
    ['a position of 0', r1, { positions: [0, 0.5, 1] }, /ascending/],
    ['a position that is not a number', r1, { positions: [Number.NaN, 0.5, 1] }, /got \[NaN, 0.5, 1\]/],
    ['positions that do not reach the end', r1, { positions: [0.2, 0.5, 0.9] }, /end with 1/],
    ['a line too short', r1, { lineLength: 6 }, /long enough for a character .* got 6/],
    ['a line of no length', r1, { lineLength: 0 }, /got 0/],
    ['a line of negative length', r1, { lineLength: -88 }, /got -88/],
    ['a fraction of a character', r1, { lineLength: 88.5 }, /whole number.* got 88.5/],
    ['a line length that is not a number', r1, { lineLength: Number.NaN }, /got NaN/],
    ['an endless line', r1, { lineLength: Number.POSITIVE_INFINITY }, /got Infinity/],
    [
      'a position too close to the one before',
      r1,
      { positions: [0.001, 0.5, 1] },
      /columns that end at \[0.001, 0.5, 1\], got/,
    ],
  ])('%s, boxed and classic', (_, model, options, message) => {
    for (const style of ['boxed', 'classic'] as const) {
      const attempt = () => summaryTable(model, { ...options, style });
      expect(attempt).toThrow(ValueError);
      expect(attempt).toThrow(message);
    }
  });
});

describe('options that are none are refused', () => {
  it.each<[string, object, RegExp]>([
    [
      'an unknown one',
      { line_length: 60 },
      /summary: unknown option line_length; there are terminalColumns, lineLength/,
    ],
    ['another style', { style: 'fancy' }, /summary: style must be one of boxed, classic, got string "fancy"/],
    ['showTrainable', { showTrainable: 1 }, /summary: showTrainable must be true or false, got number 1/],
    ['expandNested', { expandNested: 'yes' }, /summary: expandNested must be true or false, got string "yes"/],
  ])('%s', (_, options, message) => {
    expect(() => summaryTable(r1, options)).toThrow(ValueError);
    expect(() => summaryTable(r1, options)).toThrow(message);
  });
});
