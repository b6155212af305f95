const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

// The codes that chat templates use, in local time and in the C locale's English.
const FIELDS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => padded(date.getFullYear(), 4),
  y: (date) => padded(date.getFullYear() % 100),
  m: (date) => padded(date.getMonth() + 1),
  B: (date) => date.toLocaleDateString("en-US", { month: "long" }),
  b: (date) => date.toLocaleDateString("en-US", { month: "short" }),
  d: (date) => padded(date.getDate()),
  A: (date) => date.toLocaleDateString("en-US", { weekday: "long" }),
  a: (date) => date.toLocaleDateString("en-US", { weekday: "short" }),
  H: (date) => padded(date.getHours()),
  I: (date) => padded(date.getHours() % 12 || 12),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  M: (date) => padded(date.getMinutes()),
  S: (date) => padded(date.getSeconds()),
  "%": () => "%",
};

/**
 * A date as Python's `strftime` writes it. `%-d` and the like leave leading zeros out.
 * @throws Error naming a code it does not know.
 */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?)(.)/gsu, (code, unpadded: string, letter: string) => {
    const field = FIELDS[letter];
    if (!field) throw new Error(`strftime_now does not know ${code}`);
    return unpadded ? field(date).replace(/^0+(?=.)/, "") : field(date);
  });
}
