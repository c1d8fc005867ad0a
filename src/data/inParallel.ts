/**
 * Calls work(0), work(1), ... work(count - 1), at most so many at a time. After a failure no more are begun; it is thrown once
 * those under way have ended.
 */
export async function inParallel(count: number, most: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      try {
        await work(next++);
      } catch (error) {
        next = count;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(most, count) }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
