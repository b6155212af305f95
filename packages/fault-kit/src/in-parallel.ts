/** What `work(0)` to `work(count - 1)` gave, in that order, at most `atOnce` of them under way. */
export async function inParallel<T>(count: number, atOnce: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      done[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}
