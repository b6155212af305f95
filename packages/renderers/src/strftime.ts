const NAMES = {
  a: { weekday: "short" },
  A: { weekday: "long" },
  b: { month: "short" },
  B: { month: "long" },
} as const;

/**
 * A date as Python's `strftime` writes it in the C locale, in local time: the codes that chat templates use.
 * @throws Error naming a code it does not know.
 */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?.)/gsu, (_, code: string) => {
    const digits = numericField(date, code.replace("-", ""));
    if (digits !== undefined) return code.startsWith("-") ? digits.replace(/^0+(?=.)/, "") : digits;
    if (code in NAMES) return date.toLocaleDateString("en-US", NAMES[code as keyof typeof NAMES]);
    if (code === "p") return date.getHours() < 12 ? "AM" : "PM";
    if (code === "%") return "%";
    throw new Error(`strftime_now does not know %${code}`);
  });
}

function numericField(date: Date, code: string): string | undefined {
  const padded = (value: number, width = 2) => String(value).padStart(width, "0");
  switch (code) {
    case "Y":
      return padded(date.getFullYear(), 4);
    case "y":
      return padded(date.getFullYear() % 100);
    case "m":
      return padded(date.getMonth() + 1);
    case "d":
      return padded(date.getDate());
    case "H":
      return padded(date.getHours());
    case "I":
      return padded(date.getHours() % 12 || 12);
    case "M":
      return padded(date.getMinutes());
    case "S":
      return padded(date.getSeconds());
    default:
      return undefined;
  }
}
