import type { MiddlewareHandler } from "hono";

/** Most answers that are remembered. */
const MAX_REMEMBERED = 10_000;

/**
 * For requests that have no number: one that comes again under the same `X-Idempotency-Key`, since its answer was lost or a gateway
 * repeated it, is answered as before. What failed is carried out anew.
 */
export function onceByKey(): MiddlewareHandler {
  const answers = new Map<string, Promise<Response | undefined>>();
  return async (c, next) => {
    const key = c.req.header("x-idempotency-key");
    if (key === undefined) return next();
    const id = `${c.req.method} ${c.req.path} ${key}`;
    const before = answers.get(id);
    const turn = (async () => {
      const known = await before;
      if (known) return known;
      await next();
      return c.res.ok ? c.res.clone() : undefined;
    })();
    answers.set(
      id,
      turn.catch(() => undefined),
    );
    if (answers.size > MAX_REMEMBERED) answers.delete(answers.keys().next().value!);
    await turn;
    return (await before)?.clone();
  };
}
