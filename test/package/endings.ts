// Ways for a Node program to end, by name: `tsx endings.ts <name>`. lifecycle.test.ts looks at how Node exits.
import { close, init, memory, randomUniform, type Tensor, tensor } from 'wgslgrad';

/** More than a GPU does in no time. */
function work(): Tensor {
  const a = randomUniform([256, 256]);
  let product = a;
  for (let step = 0; step < 8; step++) product = product.matmul(a).mul(0.01);
  return product;
}

async function collectGarbage(): Promise<void> {
  if (!globalThis.gc) throw new Error('needs node --expose-gc');
  // Twice, with a turn of the event loop between: native objects go after their JavaScript sides.
  for (let round = 0; round < 2; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function expectWorking(): Promise<void> {
  await collectGarbage();
  const values = await tensor([1, 2]).mul(3).array();
  if (JSON.stringify(values) !== '[3,6]') throw new Error(`wrong values: ${JSON.stringify(values)}`);
}

const endings: Record<string, () => Promise<void>> = {
  async closes() {
    await work().data();
    await close();
  },
  async 'closes twice'() {
    await Promise.all([close(), close()]);
    await close();
  },
  async 'closes while a result is awaited'() {
    const data = work().data();
    await close();
    if ((await data).length !== 256 * 256) throw new Error('the result is not whole');
  },
  async 'never closes'() {
    await work().data();
  },
  async 'leaves work in flight'() {
    work();
  },
  async 'calls process.exit with work in flight'() {
    void work().data();
    process.exit(3);
  },
  async 'throws with work in flight'() {
    void work().data();
    throw new Error('a mistake of the user');
  },
  async 'opens and closes again and again'() {
    for (let round = 0; round < 5; round++) {
      await close();
      const { backend } = await init({ backend: 'webgpu' });
      if (backend !== 'webgpu') throw new Error(`started ${backend}`);
      await expectWorking();
    }
  },
  async 'opens again before it has closed'() {
    for (let round = 0; round < 3; round++) {
      const closed = close();
      await init({ backend: 'webgpu' });
      await closed;
      for (let step = 0; step < 5; step++) await expectWorking();
    }
  },
  async 'closes before it has opened'() {
    const opened = init({ backend: 'webgpu' });
    await close();
    await opened;
    if (memory().backend !== 'none') throw new Error(`still open: ${memory().backend}`);
  },
  async 'opens twice at once'() {
    const [, cpu, gpu] = await Promise.all([close(), init({ backend: 'cpu' }), init({ backend: 'webgpu' })]);
    if (cpu.backend !== 'cpu' || gpu.backend !== 'webgpu') throw new Error('not what was asked for');
    if (memory().backend !== 'webgpu') throw new Error(`the last one does not win: ${memory().backend}`);
    await expectWorking();
  },
};

const name = process.argv[2] ?? '';
const end = endings[name];
if (!end) throw new Error(`no ending ${name}: have ${Object.keys(endings).join(', ')}`);
await init({ backend: 'webgpu' });
await end();
console.log('end of program');
