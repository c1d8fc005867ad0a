// R2: the model of R1 with augmentation, as a Keras user would write it. Run: npm run example r2
import {
  Conv2D,
  close,
  Dense,
  datasets,
  Flatten,
  ImageDataGenerator,
  MaxPooling2D,
  Sequential,
  toCategorical,
} from 'wgslgrad';
import { drawAugmentation } from './pictures/augmentation.ts';

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

const datagen = new ImageDataGenerator({
  rotationRange: 20,
  widthShiftRange: 0.2,
  heightShiftRange: 0.2,
  horizontalFlip: true,
});
datagen.fit(x);
await drawAugmentation('out/r2_augmentation.png', datagen, x);
await model.fit(datagen.flow(x, y, { batchSize: 32 }), { epochs: 10, validationData: [xt, yt] });
const [loss, accuracy] = await model.evaluate(xt, yt);

console.log(`test loss ${loss}, test accuracy ${accuracy}`);
await close();
