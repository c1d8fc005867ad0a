// What looks inside: `wgslgrad/inspect`.
export { type ExplainedDispatch, type ExplainOptions, type Explanation, explain } from './explain.ts';
