// Curves of a panel, measured points under them, what is compared beside them.

import uPlot from "./uplot/uPlot.esm.js";
import { colour, grid, ink } from "./colours.js";
import { digits, make, replace } from "./make.js";
import { largest, readable } from "./units.js";

const HEIGHT = 260;
export const DASHES = [[7, 5], [2, 4], [12, 4, 2, 4], [4, 2]];
const BACK = [4, 3];

// curves of one dataset: [{words, x, y}]; one that turns back along x is told as one branch each way
export function lines(shown, name) {
  const { data, how, arrays } = shown, variable = data.variables[name];
  if (!variable) return [];
  const { dims, shape } = variable, along = dims.indexOf(how.along ?? how.x);
  if (along < 0) return [];
  const x = arrays[`c:${how.x}`] ?? Float64Array.from({ length: shape[along] }, (_, k) => k);
  const values = arrays[`v:${name}`];
  const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
  const others = dims.map((d, k) => k).filter((k) => k !== along);
  const parts = branches(x), out = [];
  let count = 0;
  const walk = (k, start, words) => {
    if (k === others.length) {
      const y = new Float64Array(x.length);
      for (let i = 0; i < x.length; i++) y[i] = values[start + i * strides[along]];
      for (const [a, b, turn] of parts) out.push({ words: [...words, turn].filter(Boolean).join(" "), x: parts.length > 1 ? x.slice(a, b) : x, y: parts.length > 1 ? y.slice(a, b) : y, curve: count, back: turn === "falling" });
      count += 1;
      return;
    }
    const d = others[k], labels = labelsOf(shown, dims[d], shape[d]);
    if (shape[d] > 40) shown.cut = `40 of ${shape[d]} curves are drawn`;
    for (let i = 0; i < Math.min(shape[d], 40); i++) walk(k + 1, start + i * strides[d], shape[d] > 1 || labels.own ? [...words, labels.of(i)] : words);
  };
  walk(0, 0, []);
  return out;
}

// stretches of x that rise or fall: [first, behind the last, words]
function branches(x) {
  const out = [];
  let a = 0;
  const way = (k) => Math.sign(x[k + 1] - x[k]);
  for (let k = 1; k < x.length - 1; k++) {
    if (way(k) && way(a) && way(k) !== way(a)) { out.push([a, k + 1]); a = k; }
  }
  out.push([a, x.length]);
  return out.length < 2 || out.length > 6 ? [[0, x.length, ""]] : out.map(([from, to]) => [from, to, x[to - 1] > x[from] ? "rising" : "falling"]);
}

export function labelsOf(shown, dim, size) {
  const coord = shown.data.coords[dim];
  if (coord?.labels) return { own: true, of: (i) => coord.labels[i] };
  const numbers = shown.arrays[`c:${dim}`];
  if (!numbers) return { own: false, of: (i) => `${dim} ${i}` };
  const unit = readable(largest(numbers), coord.units, false);
  return { own: false, of: (i) => `${dim} ${digits(numbers[i] * unit.factor)} ${unit.unit}` };
}

// measured points that belong to a panel; a resistance beside a ratio is taken as the change from its first point
export function laidOver(panels, shown, name) {
  const observable = { angle: "angular_scan", field: "field_scan", temperature: "temperature_scan" };
  const out = [];
  for (const one of panels.overlays.values()) {
    if (observable[shown.how.x] !== one.observable) continue;
    const planes = shown.data.coords.plane?.labels;
    if (one.plane && planes && !planes.includes(one.plane)) continue;
    let y = one.y;
    if (one.variable !== name) {
      if (!(name.replace("MR", "R") === one.variable)) continue;
      const zero = y[0];
      y = y.map((v) => v / zero - 1);
    }
    out.push({ words: one.name, x: one.x, y });
  }
  return out;
}

export const axis = (label) => ({ label, stroke: ink(), grid: { stroke: grid(), width: 1 }, ticks: { stroke: grid() }, labelSize: 22, font: "12px system-ui", labelFont: "12px system-ui" });
export const isRatio = (said, name) => said.units === "1" && /^(MR|ratio)|ratio/i.test(name);
export const POINTS = 4; // colours of measured points begin here

export function drawCurves(panels, one) {
  const { shown } = one, name = one.variable;
  const first = lines(shown, name);
  const beside = panels.beside(one.key).flatMap(({ of, label, shown: other }) =>
    lines(other, name).map((l) => ({ ...l, of, note: label })));
  const over = laidOver(panels, shown, name);
  const every = [...over, ...first, ...beside]; // points lie below the curves
  const said = shown.data.variables[name], coord = shown.data.coords[shown.how.x] ?? { units: "", words: shown.how.x };
  const ux = readable(largest(first[0]?.x ?? [0]), coord.units, false);
  const uy = readable(Math.max(...every.map((l) => largest(l.y)), 0), said.units || "1", isRatio(said, name));
  const rising = first.length > 0 && first[0].x.every((v, i) => i === 0 || v > first[0].x[i - 1]);
  const same = rising && every.every((l) => l.x === first[0].x || (l.x.length === first[0].x.length && l.x.every((v, i) => v === first[0].x[i])));
  const data = same
    ? [Array.from(first[0].x, (v) => v * ux.factor), ...every.map((l) => Array.from(l.y, (v) => (Number.isFinite(v) ? v * uy.factor : null)))]
    : uPlot.join(every.map((l) => sorted(l, ux.factor, uy.factor)));
  const points = (k) => k < over.length;
  const own = (k) => (every[k].of === undefined ? undefined : every[k]);
  const several = first.some((l) => l.curve > 0);
  // both ways of a loop have one colour, the way down is dashed; of several curves each keeps its colour and films differ by their dashes; a single one has a colour for each film
  const stroke = (k) => (points(k) ? colour(k + POINTS) : own(k) && !several ? colour(own(k).of + 1) : colour(every[k].curve));
  const dash = (k) => (own(k) ? DASHES[own(k).of % DASHES.length] : every[k].back ? BACK : undefined);
  const words = (l) => (l.words || name) + (l.note ? ` (${l.note})` : "");
  const signature = JSON.stringify([every.map(words), ux.unit, uy.unit, over.length, one.picture.clientWidth, colour(0)]);
  if (one.plot && one.signature === signature) one.plot.setData(data);
  else {
    one.plot?.destroy();
    one.signature = signature;
    replace(one.picture);
    one.plot = new uPlot({
      width: Math.max(260, one.picture.clientWidth), height: HEIGHT, legend: { show: false }, scales: { x: { time: false } },
      series: [{}, ...every.map((l, k) => ({
        label: words(l), stroke: stroke(k), width: points(k) ? 0 : 2, dash: dash(k), spanGaps: true,
        points: points(k) ? { show: true, size: 4, fill: stroke(k), stroke: stroke(k) } : { show: false },
      }))],
      axes: [axis(`${coord.words || shown.how.x}${ux.unit ? ` (${ux.unit})` : ""}`), { ...axis(`${name}${uy.unit ? ` (${uy.unit})` : ""}`), size: 64 }],
      hooks: {
        setCursor: [(plot) => cursor(one, plot, ux, uy)],
        drawClear: [(plot) => bands(one, plot, ux.factor)],
      },
    }, data, one.picture);
    one.picture.querySelector("canvas").setAttribute("role", "img");
    one.picture.querySelector("canvas").setAttribute("aria-label", `${said.words || name} against ${coord.words || shown.how.x}`);
  }
  one.units = { x: ux, y: uy, along: `${coord.words || shown.how.x}${ux.unit ? ` (${ux.unit})` : ""}` };
  replace(one.keys, ...every.map((l, k) => make("li", {}, dot(stroke(k), points(k) ? "points" : own(k) ? `dashed of-${own(k).of % DASHES.length}` : every[k].back ? "dashed" : ""), words(l))));
  extent(one, every, uy);
}

function bands(one, plot, factor) {
  const { ctx, bbox } = plot;
  (one.shown.how.bands ?? []).forEach((band, k) => {
    const a = plot.valToPos(band.from * factor, "x", true), b = plot.valToPos(band.to * factor, "x", true);
    ctx.save();
    ctx.fillStyle = k % 2 ? "rgba(128,128,128,.10)" : "rgba(128,128,128,.20)";
    ctx.fillRect(a, bbox.top, b - a, bbox.height);
    ctx.fillStyle = ink();
    ctx.font = `${12 * devicePixelRatio}px system-ui`;
    ctx.textAlign = "center";
    ctx.fillText(band.name, (a + b) / 2, bbox.top + 14 * devicePixelRatio);
    ctx.restore();
  });
}

function cursor(one, plot, ux, uy) {
  const k = plot.cursor.idx;
  if (k === null || k === undefined) { one.read.textContent = one.range ?? ""; return; }
  const values = plot.series.slice(1).map((s, i) => [s.label, plot.data[i + 1][k]]).filter(([, v]) => v !== null && v !== undefined);
  one.read.textContent = `${digits(plot.data[0][k], 5)} ${ux.unit}: ${values.map(([n, v]) => `${n} ${digits(v, 5)}`).join(", ")} ${uy.unit}`;
}

function extent(one, every, unit) {
  let low = Infinity, high = -Infinity;
  for (const l of every) for (const v of l.y) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  one.range = low <= high ? `from ${digits(low * unit.factor, 5)} to ${digits(high * unit.factor, 5)} ${unit.unit}` : "no numbers";
  one.read.textContent = one.range;
}

export function sorted(line, fx, fy) {
  const order = Array.from(line.x.keys()).sort((a, b) => line.x[a] - line.x[b]);
  const xs = [], ys = [];
  const least = order.length ? Math.abs(line.x[order[order.length - 1]] - line.x[order[0]]) * fx * 1e-9 || 1e-12 : 0;
  for (const k of order) {
    // points at one place stand beside each other by nothing that could be seen
    const x = xs.length ? Math.max(line.x[k] * fx, xs[xs.length - 1] + least) : line.x[k] * fx;
    xs.push(x);
    ys.push(Number.isFinite(line.y[k]) ? line.y[k] * fy : null);
  }
  return [xs, ys];
}

export function dot(stroke, kind) {
  const made = make("i", { class: kind, "aria-hidden": "true" });
  if (kind === "points") made.style.background = stroke; else made.style.borderTopColor = stroke;
  return made;
}
