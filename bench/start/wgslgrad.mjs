// One training step of R1 by the built package, and no more: what a user waits for. Plain JavaScript, as no loader may count.
import { Conv2D, close, Dense, Flatten, init, MaxPooling2D, Sequential } from '../../dist/node/index.js';

await init({ backend: 'webgpu' });
const model = new Sequential([
  Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
  MaxPooling2D([2, 2]),
  Flatten(),
  Dense(10, { activation: 'softmax' }),
]);
model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
const x = Array.from({ length: 32 }, () => picture());
const y = Array.from({ length: 32 }, (_, n) => Array.from({ length: 10 }, (_, label) => Number(label === n % 10)));
const [loss] = await model.trainOnBatch(x, y);
console.log('loss', loss);
await close();

function picture() {
  return Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [Math.random()]));
}
