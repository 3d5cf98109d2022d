// Numbers of an axis with a unit that people read: nm, %, prefixes, powers of ten.

const PREFIX = { "-15": "f", "-12": "p", "-9": "n", "-6": "µ", "-3": "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T" };

export function pretty(unit) {
  return unit.replaceAll("Ohm", "Ω").replaceAll("ohm", "Ω").replace(/\^(-?\d+)/g, (_, n) => n.replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]));
}

export function readable(largest, unit, ratio) {
  if (unit === "deg") return { factor: 1, unit: "°" };
  if (unit === "m") return largest >= 1e-5 ? { factor: 1e6, unit: "µm" } : { factor: 1e9, unit: "nm" };
  if (ratio) return { factor: 100, unit: "%" };
  if (!largest) return { factor: 1, unit: unit === "1" ? "" : pretty(unit) };
  const exponent = 3 * Math.floor(Math.log10(largest) / 3 + 1e-9);
  const plain = unit === "" || unit === "1";
  if (!plain && !/^(S\/|1)/.test(unit) && /^[A-Za-zΩ]+(?![\^\w*])/.test(unit) && PREFIX[exponent] !== undefined) {
    return { factor: 10 ** -exponent, unit: PREFIX[exponent] + pretty(unit) };
  }
  const size = Math.log10(largest);
  if (size > -1 && size < 4) return { factor: 1, unit: plain ? "" : pretty(unit) };
  const power = Math.floor(size);
  return { factor: 10 ** -power, unit: `10${String(power).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)])}${plain ? "" : ` ${pretty(unit)}`}` };
}

export const largest = (values) => values.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
