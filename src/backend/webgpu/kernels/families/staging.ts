export { forwardWorkgroupTile } from '../conv2d/forwardWorkgroupTile.ts';
export { gradInputWorkgroupTile } from '../conv2d/gradInputWorkgroupTile.ts';
export { gradKernelWorkgroupTile } from '../conv2d/gradKernelWorkgroupTile.ts';
export { workgroupTile } from '../matmul/workgroupTile.ts';
