/** Every place inside a JSON value, as a path. */
export function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  const here = path.length > 0 ? [[...path]] : [];
  if (typeof value !== "object" || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

/** A copy with one place replaced, or taken out where `replacement` is `undefined`. */
export function withPlaceReplaced(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (typeof value !== "object" || value === null || key === undefined) return value;
  const copy = structuredClone(value) as Record<string, unknown>;
  if (rest.length > 0) copy[key] = withPlaceReplaced(copy[key], rest, replacement);
  else if (replacement === undefined) delete copy[key];
  else copy[key] = replacement;
  return copy;
}
