export { forwardSubgroup } from '../conv2d/forwardSubgroup.ts';
export { gradInputSubgroup } from '../conv2d/gradInputSubgroup.ts';
export { forwardWinograd, gradInputWinograd } from '../conv2d/winograd.ts';
export { subgroupTile } from '../matmul/subgroupTile.ts';
