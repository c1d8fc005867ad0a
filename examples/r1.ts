// R1: a simple CNN for handwritten digits, as a Keras user would write it. Run: npm run example r1
import { Conv2D, close, Dense, datasets, Flatten, MaxPooling2D, Sequential, toCategorical } from 'wgslgrad';

const [[xTrain, yTrain], [xTest, yTest]] = await datasets.mnist.loadData(); // uint8 tensors [n, 28, 28] and [n]
const x = xTrain.reshape([-1, 28, 28, 1]).div(255),
  xt = xTest.reshape([-1, 28, 28, 1]).div(255);
const y = toCategorical(yTrain, 10),
  yt = toCategorical(yTest, 10);

const model = new Sequential([
  Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
  MaxPooling2D([2, 2]),
  Flatten(),
  Dense(10, { activation: 'softmax' }),
]);
model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
model.summary();
const history = await model.fit(x, y, { epochs: 10, batchSize: 32, validationSplit: 0.2 });
const [loss, accuracy] = await model.evaluate(xt, yt);

console.log(`validation accuracy ${history.history.val_accuracy?.at(-1)}`);
console.log(`test loss ${loss}, test accuracy ${accuracy}`);
await close();
