import './accumulate.ts';
import './addRelu.ts';
import './classify.ts';
import './convPool.ts';
import './convScale.ts';
import './denseGrad.ts';
import './uniform.ts';
