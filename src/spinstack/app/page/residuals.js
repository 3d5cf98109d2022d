// Below a panel what is measured less what is computed, at the measured points: of the film, and of what stands beside it.

import uPlot from "./uplot/uPlot.esm.js";
import { colour, ink } from "./colours.js";
import { DASHES, POINTS, axis, dot, isRatio, laidOver, lines, sorted } from "./curves.js";
import { digits, make, replace } from "./make.js";
import { largest, readable } from "./units.js";

const HEIGHT = 170;

export function bareResiduals(one) {
  one.rest?.destroy();
  one.rest = null;
  replace(one.below);
}

export function drawResiduals(panels, one) {
  const of = (shown, more) => (shown.residuals ?? []).map((r, k) => ({ ...r, ...more, y: shown.arrays[`r:${k}`] })).filter((r) => r.variable === one.variable);
  const told = [...of(one.shown, {}), ...panels.beside(one.key).flatMap((b) => of(b.shown, { of: b.of, note: b.label }))];
  if (one.shown.how.picture !== "curves" || !told.length) { bareResiduals(one); return; }
  const order = laidOver(panels, one.shown, one.variable).map((l) => l.words);
  const several = lines(one.shown, one.variable).some((l) => l.curve > 0);
  // what stands beside the film has the dashes of its curves, and their colour where a panel has a single one
  const rows = told.map((r) => ({ ...r, words: r.note ? `${r.overlay} (${r.note})` : r.overlay, x: panels.overlays.get(r.overlay)?.x,
    colour: r.of === undefined || several ? colour(POINTS + Math.max(0, order.indexOf(r.overlay))) : colour(r.of + 1) }));
  const drawn = rows.filter((r) => !r.why && r.x && r.x.length === r.y.length);
  const said = one.shown.data.variables[one.variable], { x: ux, along } = one.units;
  const uy = readable(Math.max(...drawn.map((r) => largest(r.y)), 0), said.units || "1", isRatio(said, one.variable));
  const number = (v) => { const u = readable(Math.abs(v), said.units || "1", isRatio(said, one.variable)); return `${digits(v * u.factor, 3)}${u.unit ? ` ${u.unit}` : ""}`; };
  const data = drawn.length > 1 ? uPlot.join(drawn.map((r) => sorted(r, ux.factor, uy.factor))) : drawn.length ? sorted(drawn[0], ux.factor, uy.factor) : [];
  const list = make("ul", { class: "key", "aria-label": "residuals" }, ...rows.map((r) => make("li", {}, dot(r.colour, r.of === undefined ? "points" : `dashed of-${r.of % DASHES.length}`), make("span", {}, `${r.words}: ${r.why || words(r, number)}`))));
  const signature = JSON.stringify([drawn.map((r) => [r.words, r.of, r.colour]), ux.unit, uy.unit, one.picture.clientWidth]);
  if (one.rest && one.restSignature === signature) {
    one.below.querySelector("ul").replaceWith(list);
    one.rest.setData(data);
    return;
  }
  bareResiduals(one);
  const picture = make("div");
  replace(one.below, make("h4", {}, "measured less computed"), drawn.length ? picture : null, list);
  if (!drawn.length) return;
  one.restSignature = signature;
  one.rest = new uPlot({
    width: Math.max(260, one.picture.clientWidth), height: HEIGHT, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false, range: () => [one.plot.scales.x.min, one.plot.scales.x.max] } },
    series: [{}, ...drawn.map((r) => ({
      label: r.words, stroke: r.colour, width: r.of === undefined ? 0 : 1, dash: r.of === undefined ? undefined : DASHES[r.of % DASHES.length], spanGaps: true,
      points: { show: r.of === undefined, size: 4, fill: r.colour, stroke: r.colour },
    }))],
    axes: [axis(along), { ...axis(`residual${uy.unit ? ` (${uy.unit})` : ""}`), size: 64, space: 22 }],
    hooks: { drawAxes: [zero] },
  }, data, picture);
  const canvas = picture.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `measured less computed ${said.words || one.variable} against ${along}`);
}

function zero(plot) {
  const { ctx, bbox } = plot, y = plot.valToPos(0, "y", true);
  if (!(y >= bbox.top && y <= bbox.top + bbox.height)) return;
  ctx.save();
  ctx.strokeStyle = ink();
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function words(r, number) {
  const weighted = r.sigmas === null ? `rms ${number(r.rms)}` : `rms ${number(r.rms)} weighted by the errors of the file, ${digits(r.sigmas, 3)} of these errors`;
  const beyond = r.outside ? `; ${r.outside} points lie beyond the curve` : "";
  return `${weighted}, mean ${number(r.mean)}, ${r.points} points${beyond}; between its own points the curve is drawn straight, off by up to ${number(r.between)}`;
}
