/** Prints how long something took. */
export async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await work;
  console.log(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}
