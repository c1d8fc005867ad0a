// The float64 reference, against which everything else is measured, against definitions that share nothing with it.
import { expect, test } from 'vitest';
import { opNamed } from '../../src/engine/op.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import { proves } from '../setup/proof.ts';
import { makeInputs } from '../support/inputs.ts';
import { cases } from './cases.ts';
import { CheckingBackend, check } from './definitions/checkingBackend.ts';
import { definitions } from './definitions/index.ts';
import { resultsOf } from './results.ts';
import { rowsOf } from './rows.ts';

test.for(cases.map((one) => [one.title, one] as const))('%s', ([, one], { task }) => {
  proves(task, 'CPU64', ...rowsOf(one));
  const { alias, kernel } = opNamed(one.op);
  const backend = new CheckingBackend();
  onBackend(backend, () => {
    const [first] = resultsOf(one, 'float64');
    // No kernel runs: the elements are those of the input.
    if (alias) expect(first!.dataSync()).toEqual(makeInputs(one.inputs, 'float64')[0]!.dataSync());
    else expect(backend.checked).toContain(kernel);
  });
});

test('a result that is not as defined is found, element by element', () => {
  const operand = (...data: number[]) => ({ shape: [1, data.length], dtype: 'float64' as const, data });
  const softmaxOf = (x: number[], found: number[]) => () =>
    check('softmax', definitions.softmax, { inputs: [operand(...x)], results: [operand(...x)], attrs: {} }, [
      operand(...found),
    ]);
  expect(softmaxOf([0, 0], [0.5, 0.5])).not.toThrow();
  expect(softmaxOf([0, 0], [0.5, 0.5 + 2e-12])).toThrow('softmax: element 1 of result 0 is 0.500000000002, by its');
  expect(softmaxOf([0, 0], [NaN, 0.5])).toThrow('element 0');
  expect(softmaxOf([0, 0], [0.5])).toThrow('has 1 elements, by its definition 2');
});
