// One training step of R1 by tfjs on WebGPU.
import './gpu.mjs';

const tf = await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
await tf.setBackend('webgpu');
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }));
model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const x = tf.randomUniform([32, 28, 28, 1]);
const labels = tf.tensor1d(
  Int32Array.from({ length: 32 }, (_, n) => n % 10),
  'int32',
);
const [loss] = await model.trainOnBatch(x, tf.oneHot(labels, 10));
console.log('loss', loss);
setTimeout(() => process.exit(), 0);
