// A quantity over two parameters as colours.

import { heat } from "./colours.js";
import { digits, make, replace } from "./make.js";
import { largest, readable } from "./units.js";

export function drawMap(one) {
  const { shown } = one, name = one.variable, { data, how, arrays } = shown;
  const { dims, shape } = data.variables[name], values = arrays[`v:${name}`];
  const x = arrays[`c:${how.x}`], y = arrays[`c:${how.y}`];
  const swapped = dims[0] === how.x;
  const at = (i, k) => values[swapped ? i * shape[1] + k : k * shape[1] + i];
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  const signed = low < 0 && high > 0, most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const share = (v) => (signed ? (v / most + 1) / 2 : (v - low) / (high - low || 1));
  one.plot?.destroy();
  one.plot = null;
  replace(one.keys);
  const canvas = make("canvas", { class: "heat", width: x.length, height: y.length, role: "img", tabindex: "0", "aria-label": `${name} as a map` });
  const image = new ImageData(x.length, y.length);
  for (let k = 0; k < y.length; k++) for (let i = 0; i < x.length; i++) {
    const v = at(i, k), p = 4 * ((y.length - 1 - k) * x.length + i), c = Number.isFinite(v) ? heat(share(v), signed) : [160, 160, 160];
    image.data.set([...c, 255], p);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  const words = (dim, v) => { const c = data.coords[dim] ?? { units: "" }; const u = readable(largest(arrays[`c:${dim}`]), c.units, false); return `${digits(v * u.factor, 4)} ${u.unit}`; };
  const unit = readable(most, data.variables[name].units || "1", data.variables[name].units === "1");
  canvas.addEventListener("mousemove", (e) => {
    const box = canvas.getBoundingClientRect();
    const i = Math.min(x.length - 1, Math.floor(((e.clientX - box.left) / box.width) * x.length));
    const k = y.length - 1 - Math.min(y.length - 1, Math.floor(((e.clientY - box.top) / box.height) * y.length));
    one.read.textContent = `${how.x} ${words(how.x, x[i])}, ${how.y} ${words(how.y, y[k])}: ${digits(at(i, k) * unit.factor, 5)} ${unit.unit}`;
  });
  canvas.addEventListener("mouseleave", () => { one.read.textContent = one.range; });
  canvas.style.height = "260px";
  one.range = `from ${digits(low * unit.factor, 5)} to ${digits(high * unit.factor, 5)} ${unit.unit}`;
  one.read.textContent = one.range;
  replace(one.picture, canvas, make("p", { class: "what" },
    `${how.x}: ${words(how.x, x[0])} to ${words(how.x, x[x.length - 1])} to the right; ${how.y}: ${words(how.y, y[0])} to ${words(how.y, y[y.length - 1])} upwards; ${signed ? "blue negative, red positive" : "dark low, bright high"}`));
}
