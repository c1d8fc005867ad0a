/** What a call has made and frees when it ends, however it ends: the last made first. */
export class Cleanup {
  private readonly held: { dispose(): void }[] = [];

  hold<T extends { dispose(): void }>(item: T): T {
    this.held.push(item);
    return item;
  }

  dispose(): void {
    for (const item of this.held.splice(0).reverse()) item.dispose();
  }
}

/** Promise.all that waits for every one even when one fails: nothing is still being made when the caller cleans up. */
export async function all<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<{ -readonly [K in keyof T]: T[K] }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
