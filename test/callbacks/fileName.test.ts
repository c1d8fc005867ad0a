import { expect, test } from 'vitest';
import { ValueError } from 'wgslgrad';
import { fileName } from '../../src/callbacks/files/fileName.ts';

const numbers = { epoch: 7, batch: 120, loss: 0.25, val_loss: 0.126, 'my metric': -0.5, tiny: 1e-5, nan: Number.NaN };

// as Python's str.format fills them
test.each([
  ['model.keras', 'model.keras'],
  ['{epoch}.keras', '7.keras'],
  ['{epoch:02d}-{val_loss:.2f}.keras', '07-0.13.keras'],
  ['{epoch:d}', '7'],
  ['{epoch:03}', '007'],
  ['{epoch:3d}|{epoch:3}', '  7|  7'],
  ['{epoch:.1f}', '7.0'],
  ['{epoch:g}', '7'],
  ['{batch}', '120'],
  ['{batch:02d}', '120'],
  ['{loss}', '0.25'],
  ['{tiny}', '1e-05'],
  ['{loss:.1f}', '0.2'],
  ['{loss:f}', '0.250000'],
  ['{loss:.0f}', '0'],
  ['{loss:.3e}', '2.500e-01'],
  ['{loss:e}', '2.500000e-01'],
  ['{loss:g}', '0.25'],
  ['{tiny:g}', '1e-05'],
  ['{loss:.1g}', '0.2'],
  ['{loss:07.2f}', '0000.25'],
  ['{loss:7.2f}', '   0.25'],
  ['{my metric:07.2f}', '-000.50'],
  ['{my metric:.1f}', '-0.5'],
  ['{nan:.2f}', 'nan'],
  ['{{epoch}}-{epoch}', '{epoch}-7'],
  ['a/b/{epoch}/{epoch}', 'a/b/7/7'],
])('%s becomes %s', (pattern, name) => {
  expect(fileName('Who', pattern)(numbers)).toBe(name);
});

test.each([
  '{}',
  '{epoch',
  'epoch}',
  '{{epoch}',
  '{epoch:}}',
  '{epoch:.2d}',
  '{epoch:.2}',
  '{epoch:x}',
  '{epoch:>3d}',
  '{epoch:+d}',
  '{loss:d}',
  '{loss:02d}',
  '{loss:.2}',
  '{loss:%}',
  '{loss:.2 f}',
  '{loss:.999f}',
  '{loss!r}',
  '{:02d}',
])('%s is refused', (pattern) => {
  expect(() => fileName('Who', pattern)).toThrow(ValueError);
  expect(() => fileName('Who', pattern)).toThrow(`in ${pattern} is no place for a number; expected {epoch}`);
});

test('a number that is not there is an error that names those that are', () => {
  const name = fileName('Who', '{epoch}-{val_loss:.2f}.keras');
  expect(() => name({ epoch: 1, loss: 2 })).toThrow(ValueError);
  expect(() => name({ epoch: 1, loss: 2 })).toThrow(
    'Who: {epoch}-{val_loss:.2f}.keras wants val_loss; there are epoch, loss',
  );
});

test('what every object inherits is no number', () => {
  expect(() => fileName('Who', '{constructor}')({ epoch: 1 })).toThrow('wants constructor');
});
