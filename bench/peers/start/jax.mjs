// One training step of R1 by jax-js on WebGPU, under jit: the step of ../jax.ts.
import './gpu.mjs';

const jax = await import('@jax-js/jax');
const { numpy: np, nn, lax } = jax;
await jax.init('webgpu');
jax.defaultDevice('webgpu');

const random = (shape, scale) => {
  const count = shape.reduce((all, length) => all * length, 1);
  return np.array(Float32Array.from({ length: count }, () => scale * (Math.random() - 0.5))).reshape(shape);
};
const parameters = [random([32, 1, 3, 3], 0.3), np.zeros([32]), random([5408, 10], 0.05), np.zeros([10])];
const zeros = () => parameters.map(({ shape }) => np.zeros(shape));
const x = random([32, 1, 28, 28], 1);
const y = nn.oneHot(np.array(Int32Array.from({ length: 32 }, (_, n) => n % 10)), 10);

function objective([kernel, bias, dense, denseBias], images, labels) {
  const convolved = lax.convGeneralDilated(images, kernel, [1, 1], 'VALID').add(bias.reshape([1, 32, 1, 1]));
  const pooled = lax.reduceWindow(nn.relu(convolved), (window) => np.max(window), [2, 2], [2, 2]);
  const z = np.matmul(pooled.reshape([32, 5408]), dense).add(denseBias);
  const hits = np.equal(np.argmax(z.ref, 1), np.argmax(labels.ref, 1)).astype(np.float32);
  return [np.mean(np.sum(nn.logSoftmax(z, 1).mul(labels), 1).mul(-1)), np.mean(hits)];
}

const step = jax.jit((p, m, v, t, images, labels) => {
  const differentiated = jax.valueAndGrad((q) => objective(q, images.ref, labels.ref), { hasAux: true });
  const [[loss, accuracy], gradients] = differentiated(p.map(({ ref }) => ref));
  images.dispose();
  labels.dispose();
  const iteration = t.add(1);
  const oneMinusPower = (base) =>
    np
      .exp(iteration.ref.mul(Math.log(base)))
      .mul(-1)
      .add(1);
  const rate = np.sqrt(oneMinusPower(0.999)).div(oneMinusPower(0.9)).mul(0.001);
  const m1 = m.map((value, i) => value.mul(0.9).add(gradients[i].ref.mul(0.1)));
  const v1 = v.map((value, i) => value.mul(0.999).add(gradients[i].ref.mul(gradients[i]).mul(0.001)));
  const p1 = p.map((value, i) => value.sub(rate.ref.mul(m1[i].ref).div(np.sqrt(v1[i].ref).add(1e-7))));
  rate.dispose();
  return [p1, m1, v1, iteration, loss, accuracy];
});

const [trained, , , , loss, accuracy] = step(parameters, zeros(), zeros(), np.array(0).astype(np.float32), x, y);
const [value] = await loss.data();
await accuracy.data();
await jax.blockUntilReady(trained);
console.log('loss', value);
setTimeout(() => process.exit(), 0);
