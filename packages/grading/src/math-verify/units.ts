/** Units that differ in what they measure or in size, by their spellings. Other words after a number say nothing about its value. */
const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mm: "millimeter millimeters millimetre millimetres",
    cm: "centimeter centimeters centimetre centimetres",
    m: "meter meters metre metres",
    km: "kilometer kilometers kilometre kilometres",
    in: "inch inches",
    ft: "foot feet",
    yd: "yard yards",
    mi: "mile miles",
    g: "gram grams gm",
    kg: "kilogram kilograms",
    lb: "pound pounds lbs",
    oz: "ounce ounces",
    s: "sec second seconds",
    min: "minute minutes",
    h: "hour hours hr hrs",
    day: "days",
    week: "weeks",
    month: "months",
    year: "years",
    mph: "miles/hour milesperhour",
    cent: "cents",
    dollar: "dollars usd",
    deg: "degree degrees",
    am: "",
    pm: "",
  }).flatMap(([unit, spellings]) =>
    [unit, ...spellings.split(" ").filter(Boolean)].map((name) => [name, unit] as const),
  ),
);

/** Spellings that are units after a number even where they are not marked as text. Single letters are variables. */
export function isUnitWord(word: string): boolean {
  return word.length > 1 && UNITS.has(word.toLowerCase());
}

/** One name for all spellings of a unit; `undefined` for other words. */
export function unitOf(words: string): string | undefined {
  const compact = words.toLowerCase().replaceAll(/[\s.]/g, "");
  const area = /^(square|sq|cubic)(?=[a-z])|(\^?[23])$/.exec(compact);
  if (area === null) return UNITS.get(compact);
  const unit = UNITS.get(compact.replace(area[0], ""));
  if (unit === undefined) return undefined;
  const isCubic = area[0] === "cubic" || area[0].endsWith("3");
  return unit + (isCubic ? "3" : "2");
}
