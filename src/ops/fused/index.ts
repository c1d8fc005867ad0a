import './convPool.ts';
