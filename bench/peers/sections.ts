// What is compared, by name.
import { compareCells } from './compareCells.ts';
import { compareCpu } from './compareCpu.ts';
import { compareResNet } from './compareResNet.ts';
import { compareStart } from './compareStart.ts';
import { compareSteps } from './compareSteps.ts';
import type { Peers } from './peers.ts';

/** Prints its table and returns it. */
export type Section = (peers: Peers) => Promise<unknown>;

export const sections: ReadonlyMap<string, Section> = new Map<string, Section>([
  ['steps', compareSteps],
  ['kernels', compareCells],
  ['start', compareStart],
  // These close our WebGPU backend, and the first opens it again.
  ['resnet50', compareResNet],
  ['cpu', compareCpu],
]);
