// A quantity over two parameters as colours, with both axes and the scale of colours; what is compared stands below.

import { heat } from "./colours.js";
import { digits, make, replace } from "./make.js";
import { largest, readable } from "./units.js";

const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function drawMap(panels, one) {
  const name = one.variable, said = one.shown.data.variables[name];
  const every = [{ shown: one.shown, label: "" }, ...panels.beside(one.key).filter((b) => b.shown.data.variables[name])];
  let low = Infinity, high = -Infinity;
  for (const { shown } of every) for (const v of shown.arrays[`v:${name}`]) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  const signed = low < 0 && high > 0, most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const unit = readable(most, said.units || "1", said.units === "1" && /MR|ratio/.test(name));
  const colours = {
    signed, unit: unit.unit, share: (v) => (signed ? (v / most + 1) / 2 : (v - low) / (high - low || 1)), number: (v, count = 4) => digits(v * unit.factor, count),
    ends: low > high ? [] : signed ? [most, 0, -most] : [high, (low + high) / 2, low],
  };
  one.plot?.destroy();
  one.plot = null;
  replace(one.keys);
  one.range = low > high ? "no numbers" : `from ${colours.number(low, 5)} to ${colours.number(high, 5)} ${unit.unit}`;
  one.read.textContent = one.range;
  replace(one.picture, ...every.flatMap(({ shown, label }) => [label || every.length > 1 ? make("p", { class: "what" }, label || "this film") : null, picture(one, shown, name, colours)]));
}

function picture(one, shown, name, colours) {
  const { data, how, arrays } = shown, { dims, shape } = data.variables[name], values = arrays[`v:${name}`];
  const x = arrays[`c:${how.x}`], y = arrays[`c:${how.y}`];
  const swapped = dims[0] === how.x;
  const at = (i, k) => values[swapped ? i * shape[1] + k : k * shape[1] + i];
  const side = (dim) => {
    const coord = data.coords[dim] ?? { units: "" }, u = readable(largest(arrays[`c:${dim}`]), coord.units, false);
    const words = coord.words && coord.words.length < 34 ? coord.words : dim;
    return { label: `${words}${u.unit ? ` (${u.unit})` : ""}`, of: (v) => digits(v * u.factor, 3), with: (v) => `${dim} ${digits(v * u.factor, 4)} ${u.unit}` };
  };
  const sx = side(how.x), sy = side(how.y);
  const canvas = make("canvas", { class: "heat", width: x.length, height: y.length, role: "img", tabindex: "0", "aria-label": `${name} over ${sx.label} and ${sy.label}` });
  const image = new ImageData(x.length, y.length);
  for (let k = 0; k < y.length; k++) for (let i = 0; i < x.length; i++) {
    const v = at(i, k), p = 4 * ((y.length - 1 - k) * x.length + i), c = Number.isFinite(v) ? heat(colours.share(v), colours.signed) : [160, 160, 160];
    image.data.set([...c, 255], p);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.addEventListener("mousemove", (e) => {
    const box = canvas.getBoundingClientRect();
    const i = Math.min(x.length - 1, Math.floor(((e.clientX - box.left) / box.width) * x.length));
    const k = y.length - 1 - Math.min(y.length - 1, Math.floor(((e.clientY - box.top) / box.height) * y.length));
    one.read.textContent = `${sx.with(x[i])}, ${sy.with(y[k])}: ${colours.number(at(i, k), 5)} ${colours.unit}`;
  });
  canvas.addEventListener("mouseleave", () => { one.read.textContent = one.range; });
  const cell = (of, t) => of[Math.round(t * (of.length - 1))];
  return make("div", { class: "map" },
    make("span", { class: "ylabel" }, sy.label),
    make("div", { class: "ys", "aria-hidden": "true" }, ...[...TICKS].reverse().map((t) => make("span", {}, sy.of(cell(y, t))))),
    canvas, scale(colours),
    make("div", { class: "xs", "aria-hidden": "true" }, ...TICKS.map((t) => make("span", {}, sx.of(cell(x, t))))),
    make("span", { class: "xlabel" }, sx.label));
}

// the colours beside their numbers
function scale({ signed, ends, number, unit }) {
  const bar = make("canvas", { width: 1, height: 64, "aria-hidden": "true" }), image = new ImageData(1, 64);
  for (let k = 0; k < 64; k++) image.data.set([...heat(1 - k / 63, signed), 255], 4 * k);
  bar.getContext("2d").putImageData(image, 0, 0);
  return make("div", { class: "scale" }, bar, make("div", {}, ...ends.map((v, k) => make("span", {}, `${number(v, 3)}${k === 0 && unit ? ` ${unit}` : ""}`))));
}
