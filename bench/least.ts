/** Seconds of the quickest of `rounds` calls, by the clock. */
export async function leastSeconds(rounds: number, call: () => unknown): Promise<number> {
  return least(rounds, call, () => performance.now() / 1000);
}

/** Seconds of CPU time of this process that the cheapest of `rounds` calls took: other programs disturb it least. */
export async function leastCpuSeconds(rounds: number, call: () => unknown): Promise<number> {
  return least(rounds, call, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}

async function least(rounds: number, call: () => unknown, now: () => number): Promise<number> {
  let seconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = now();
    await call();
    seconds = Math.min(seconds, now() - start);
  }
  return seconds;
}
