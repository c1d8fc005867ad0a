// Gradients, from one number to a compiled step; every result can be checked by hand. Run: npm run example autograd
import {
  close,
  compile,
  grad,
  gradcheck,
  init,
  mul,
  optimizers,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  variable,
} from 'wgslgrad';

await init();
const x = tensor([1, 2, 3]);

// f(x) = sum of x², so its gradient is 2 x
const f = (t: Tensor) => sum(square(t));
console.log('gradient of the sum of squares:', await grad(f)(x).array());
const [value, slope] = valueAndGrad(f)(x);
console.log('value and gradient:', await value.item(), await slope.array());

// the gradient is a function too: its derivative along ones is 2
console.log('second derivative:', await grad((t: Tensor) => sum(grad(f)(t)))(x).array());

// the same by central differences, in float64 on the CPU
console.log('largest error found by differences:', await gradcheck((t) => f(t!), [x]));

// a weight that learns: w -> 3, since sum of (w x - 3 x)² is least there
const w = variable([0]);
const optimizer = optimizers.SGD({ learningRate: 0.02 });
for (let step = 0; step < 20; step++) {
  const slopeOfLoss = grad((weight: Tensor) => f(mul(x, weight.sub(3))))(w);
  optimizer.apply([[slopeOfLoss, w]]);
}
console.log('learnt weight:', (await w.item()).toFixed(3));

// traced once, then replayed
const compiled = compile((t: Tensor) => f(mul(t, w)));
console.log('compiled:', (await (await compiled(x)).item()).toFixed(1));
await close();
