import type { Backend, Replay, Roof } from '../../backend.ts';
import type { DeviceFacts, Dispatch } from '../webgpuKernel.ts';

/** What the tuner needs of the backend that it measures. */
export interface Bench extends Pick<Backend, 'allocate' | 'free' | 'write' | 'read'> {
  readonly facts: DeviceFacts;
  /** Makes what the dispatches need, once. Rejects with a BackendError when a shader does not compile. */
  prepareDispatches(dispatches: readonly Dispatch[]): Promise<Replay>;
  /** What the device can do at most. */
  roof(): Promise<Roof>;
  /** Milliseconds that the device takes for what `record` runs. */
  time(record: () => void): Promise<number>;
}
