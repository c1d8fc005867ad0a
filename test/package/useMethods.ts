// Names no operation: a bundler that drops what is not named would leave tensors without their methods.
import { close, init, tensor } from 'wgslgrad';

export interface Outcome {
  readonly values: unknown;
  /** The name of the error that a wrong call throws. */
  readonly refusal: string;
}

export async function useMethods(): Promise<Outcome> {
  await init({ backend: 'cpu' });
  const x = tensor([1, 2, 3, 4]).reshape([2, 2]);
  const values = await x.matmul(x).add(1).array();
  const refusal = nameOfError(() => x.reshape([3]));
  await close();
  return { values, refusal };
}

function nameOfError(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
  return 'none';
}
