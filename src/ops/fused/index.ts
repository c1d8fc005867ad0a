import './accumulate.ts';
import './classify.ts';
import './convPool.ts';
import './uniform.ts';
