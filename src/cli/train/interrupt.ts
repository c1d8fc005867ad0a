import { constants } from 'node:os';

/**
 * Runs `work` with Ctrl-C in our hands: the first calls `stop` and lets the work end by itself, the second ends the
 * program at once, as a shell expects (exit code 128 + SIGINT).
 */
export async function interruptible<R>(stop: () => void, work: () => Promise<R>): Promise<R> {
  let asked = false;
  const onInterrupt = () => {
    if (asked) process.exit(128 + constants.signals.SIGINT);
    asked = true;
    console.log('\nstopping after this batch; Ctrl-C again ends at once');
    stop();
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work();
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
