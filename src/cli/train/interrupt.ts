import { constants } from 'node:os';

/** One key press arrives up to three times: the terminal signals every process, and npm and its shell pass theirs on. */
const ONE_PRESS_MS = 500;

/**
 * Runs `work` with Ctrl-C in our hands: the first aborts the signal and lets the work end by itself, the second ends
 * the program at once, as a shell expects (exit code 128 + SIGINT).
 */
export async function interruptible<R>(work: (interrupted: AbortSignal) => Promise<R>): Promise<R> {
  const controller = new AbortController();
  let firstAt = 0;
  const onInterrupt = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      console.log('\nending with the results so far; Ctrl-C again ends at once');
      controller.abort();
    } else if (performance.now() - firstAt > ONE_PRESS_MS) process.exit(128 + constants.signals.SIGINT);
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
