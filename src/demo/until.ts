const pollMs = 100;

/** Waits for `what`; answers how long it took, in ms. What throws meanwhile counts as "not yet" and is told at the end. */
export async function until(
  what: string,
  withinMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<number> {
  const startedAt = performance.now();
  let last = 'it did not hold';
  for (;;) {
    try {
      if (await condition()) return performance.now() - startedAt;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() - startedAt > withinMs)
      throw new Error(`${what}: not within ${withinMs / 1_000} s (${last})`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
