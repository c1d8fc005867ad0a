// Gradients, from one number to a compiled step; every result can be checked by hand. Run: npm run example autograd
import {
  close,
  compile,
  grad,
  gradcheck,
  init,
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

// a gradient is a function like any other: the slope of the sum of 2 x is 2
const g = (t: Tensor) => sum(grad(f)(t));
console.log('gradient of the gradient:', await grad(g)(x).array());

// throws where the gradient is not that of central differences in float64
await gradcheck((t) => f(t!), [x]);

// sum of (w x - 3 x)² at w = 0: value 9 · 14 = 126, slope 2 · (0 - 3) · 14 = -84; it is least at w = 3
const w = variable([0]);
const loss = () => f(w.sub(3).mul(x));
const first = loss();
first.backward();
console.log('loss and its slope by w:', await first.item(), await w.grad!.item());

const optimizer = optimizers.SGD({ learningRate: 0.02 });
for (let step = 0; step < 20; step++) {
  loss().backward();
  optimizer.apply([[w.grad!, w]]);
}
console.log('learnt w:', (await w.item()).toFixed(3));

// traced once, then replayed: the sum of (3 x)² is 9 · 14 = 126
const compiled = compile((t: Tensor) => f(t.mul(w)));
console.log('compiled:', (await (await compiled(x)).item()).toFixed(1));
await close();
