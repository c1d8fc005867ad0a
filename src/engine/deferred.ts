// Checks whose answer a GPU gives later. A function that must return at once starts one here; the next entry point that
// can wait (fit, evaluate, ...) rejects with what it found.

const pending: Promise<Error | null>[] = [];

/** Starts a check that resolves to what is wrong, or null. */
export function defer(check: Promise<Error | null>): void {
  // A failure of the check itself is a failure too; it must not become an unhandled rejection meanwhile.
  pending.push(check.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))));
}

/** Throws the first thing that a check found wrong. */
export async function settleDeferred(): Promise<void> {
  const found = await Promise.all(pending.splice(0));
  const wrong = found.find((error) => error !== null);
  if (wrong) throw wrong;
}
