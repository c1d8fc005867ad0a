// What is true of the program right now: the backend, the trace that records, whether gradients are wanted.
import type { Backend, FloatDType } from '../backend/backend.ts';
import { BackendError } from '../errors.ts';
import type { ProgramRecorder } from './program.ts';

interface Runtime {
  backend: Backend | null;
  recorder: ProgramRecorder | null;
  /** False inside code that no gradient will be asked of. */
  recordsGradients: boolean;
  /** How many functions are being differentiated around the code that runs now. */
  differentiating: number;
}

const runtime: Runtime = { backend: null, recorder: null, recordsGradients: true, differentiating: 0 };

/** The backend in use; a BackendError when nobody has started one. */
export function currentBackend(): Backend {
  if (!runtime.backend) throw new BackendError('no backend is running: call `await init()` first');
  return runtime.backend;
}

export function runningBackend(): Backend | null {
  return runtime.backend;
}

export function setBackend(backend: Backend | null): void {
  runtime.backend = backend;
}

/** The dtype of floats that nobody gave a dtype to; float32 before a backend runs. */
export function floatDType(): FloatDType {
  return runtime.backend?.floatDType ?? 'float32';
}

export function currentRecorder(): ProgramRecorder | null {
  return runtime.recorder;
}

export function recordsGradients(): boolean {
  return runtime.recordsGradients;
}

/** Runs `body` with some of the state changed, and puts it back whatever happens. `body` must not be asynchronous. */
function withState<R>(changes: Partial<Runtime>, body: () => R): R {
  const before = { ...runtime };
  Object.assign(runtime, changes);
  try {
    return body();
  } finally {
    runtime.recorder = before.recorder;
    runtime.recordsGradients = before.recordsGradients;
    runtime.differentiating = before.differentiating;
    runtime.backend = before.backend;
  }
}

/** Writes the operations of `body` down in `recorder` instead of running them. */
export function recording<R>(recorder: ProgramRecorder, body: () => R): R {
  return withState({ recorder }, body);
}

export function withGradients<R>(enabled: boolean, body: () => R): R {
  return withState({ recordsGradients: enabled }, body);
}

/** Whether the code that runs now is itself inside a function whose gradient will be taken. */
export function isDifferentiating(): boolean {
  return runtime.differentiating > 0;
}

/** Runs `body` as a function whose gradient will be taken. */
export function differentiating<R>(body: () => R): R {
  return withState({ recordsGradients: true, differentiating: runtime.differentiating + 1 }, body);
}

/** Runs `body` on another backend; tensors of the one cannot be used with the other. */
export function onBackend<R>(backend: Backend, body: () => R): R {
  return withState({ backend, recorder: null }, body);
}
