/** The middle of `runs` measurements, in milliseconds, after `warmUp` runs that do not count. */
export async function median(runs: number, warmUp: number, action: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < warmUp + runs; i++) {
    const start = performance.now();
    await action();
    if (i >= warmUp) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}
