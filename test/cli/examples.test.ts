import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inWords } from '../../examples/pictures/augmentation.ts';
import { close, ImageDataGenerator, init, type PictureTransform, tensor } from '../../src/index.ts';
import { decode } from '../pictures/decode.ts';
import { run } from './command.ts';
import { fewDigits } from './digits.ts';

const AUGMENTATION = 'out/r2_augmentation.png';

const example = (name: string, env?: NodeJS.ProcessEnv) => run('npm', ['run', '--silent', 'example', name], env);

test('autograd prints the numbers that its comments promise', () => {
  const { status, stdout } = example('autograd');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toEqual([
    'gradient of the sum of squares: [ 2, 4, 6 ]',
    'value and gradient: 14 [ 2, 4, 6 ]',
    'gradient of the gradient: [ 2, 2, 2 ]',
    'loss and its slope by w: 126 -84',
    'learnt w: 3.000',
    'compiled: 126.0',
  ]);
});

test('r1, as it stands, learns from a few real digits', async () => {
  const { status, stdout } = example('r1', await fewDigits(400, 100));
  expect(status, stdout).toBe(0);
  expect(stdout).toContain('Total params: 54,410');
  expect(stdout).toContain('Epoch 10/10');
  expect(stdout).toMatch(/validation accuracy 0\.\d+\n/);
  const accuracy = Number(/test accuracy (\S+)/.exec(stdout)?.[1]);
  // Ten epochs of ten steps: chance would be 0.1.
  expect(accuracy).toBeGreaterThan(0.6);
});

test('r2, as it stands, learns from changed digits and shows them', async () => {
  rmSync(AUGMENTATION, { force: true });
  const { status, stdout } = example('r2', await fewDigits(400, 100));
  expect(status, stdout).toBe(0);
  expect(stdout).toContain(`${AUGMENTATION} shows what the model gets to see`);
  const losses = [...stdout.matchAll(/13\/13 .* - loss: (\S+) - val_accuracy/g)].map(([, loss]) => Number(loss));
  expect(losses).toHaveLength(10);
  expect(losses[9]).toBeLessThan(0.9 * losses[0]!);
  expect(stdout).toMatch(/test loss \d\.\d+, test accuracy 0\.\d+\n/);
  const { width, height } = await decode({ extension: 'png', bytes: readFileSync(AUGMENTATION) });
  const across = 28 + 252 + 36 + 4 * 168 + 3 * 14 + 28; // the original, four tiles, gaps, margins
  const down = 112 + 3 * (18 + 168 + 3 * 18 + 14) + 2 * 14 - 18 + 28; // headings; three rows of a number, a tile and its lines
  expect({ width, height }).toEqual({ width: across, height: down });
});

test.each([
  [{}, ['turned left by 0.0°', 'moved left 0.0, up 0.0', 'not mirrored']],
  [{ theta: -20, tx: 1.25, ty: 2 }, ['turned right by 20.0°', 'moved left 1.3, up 2.0', 'not mirrored']],
  [
    { theta: 3.14, tx: -4, ty: -0.5, flipHorizontal: true },
    ['turned left by 3.1°', 'moved right 4.0, down 0.5', 'then mirrored'],
  ],
])('a transformation %o in words', (transform, words) => {
  expect(inWords(transform)).toEqual(words);
});

test('the words say what happens to a picture', async () => {
  await init({ backend: 'cpu' });
  // a dot above the middle of 5 x 5: turned left it stands left of it, and mirrored right
  const dot = tensor(Array.from({ length: 25 }, (_, i) => (i === 7 ? 1 : 0))).reshape([5, 5, 1]);
  const datagen = new ImageDataGenerator({ fillMode: 'constant' });
  const placeAfter = async (transform: PictureTransform) => {
    const at = await datagen.applyTransform(dot, transform).reshape([25]).argMax().item();
    return [Math.floor(at / 5), at % 5];
  };
  expect(await placeAfter({ theta: 90 })).toEqual([2, 1]);
  expect(await placeAfter({ tx: 1 })).toEqual([1, 1]);
  expect(await placeAfter({ ty: 1 })).toEqual([0, 2]);
  expect(await placeAfter({ theta: 90, tx: -2 }), 'turned, then moved').toEqual([2, 3]);
  expect(await placeAfter({ theta: 90, flipHorizontal: true }), 'turned, then mirrored').toEqual([2, 3]);
  await close();
});

test('r3 trains a new head on a base that it has saved, and shows both ways beside each other', async () => {
  const small = ['--', '--digits', '--shots', '5', '--seeds', '1', '--steps', '20'];
  const args = ['run', '--silent', 'example', 'r3', ...small];
  const { status, stdout } = run('npm', args, { ...(await fewDigits(400, 100)), WGSLGRAD_BACKEND: 'cpu' });
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/a base learns digit 1, digit 3, digit 5, digit 7, digit 9 from \d+ images/);
  const accuracies = /^ +5 +(\d\.\d+) +(\d\.\d+) +(\d\.\d+)$/m.exec(stdout)?.slice(1).map(Number);
  // five classes: chance would be 0.2
  for (const accuracy of accuracies ?? [0]) expect(accuracy).toBeGreaterThan(0.35);
  const costs = [...stdout.matchAll(/^(frozen base.*?|pretrained.*?|from scratch) +(\d+) +(\d+) +[\d.]+ +[\d.]+$/gm)];
  expect(costs.map(([, way, trained]) => [way, trained])).toEqual([
    ['frozen base, new head', '5125'],
    ['pretrained, all trained', '28533'],
    ['from scratch', '28533'],
  ]);
  const dispatches = costs.map(([, , , count]) => Number(count));
  // of a head no operation is one of the base backwards: the numbers depend on no machine
  expect(dispatches).toEqual([20, 64, 64]);
});

test('r3 refuses what it does not know', () => {
  const { status, stderr } = run('npm', ['run', '--silent', 'example', 'r3', '--', '--weights', 'coco']);
  expect(status).toBe(2);
  expect(stderr).toContain('usage: npm run example r3');
});

test('an example that does not exist is refused with the list of those that do', () => {
  const { status, stderr } = example('fly');
  expect(status).toBe(2);
  const names = readdirSync('examples').filter((file) => file.endsWith('.ts') && file !== 'run.ts');
  expect(names).toContain('r2.ts');
  expect(stderr).toContain(`with NAME one of ${names.map((file) => file.replace('.ts', '')).join(', ')}`);
});
