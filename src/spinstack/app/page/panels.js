// Pictures of what the server has computed: curves, maps, bars, tables. Each panel is as old as its own numbers.

import uPlot from "./uplot/uPlot.esm.js";
import { colour, grid, heat, ink, whenTurned } from "./colours.js";
import { button, digits, make, replace, table } from "./make.js";
import { readable } from "./units.js";

const HEIGHT = 260;

export class Panels {
  constructor(home, page) {
    Object.assign(this, { home, page, panels: new Map(), second: new Map(), overlays: new Map() });
    whenTurned(() => this.all());
    new ResizeObserver(() => this.all()).observe(home);
  }

  // the panels of a state; those that are gone go, new ones wait for their numbers
  lay(state) {
    const compared = JSON.stringify(state.view.compare ?? null);
    if (compared !== this.compared) { this.compared = compared; this.second.clear(); }
    const wanted = state.panels.map((p) => p.panel);
    if (state.page.elements.length && state.panels.length) wanted.push("facts", ...(state.view.sphere ? ["sphere"] : []));
    for (const key of [...this.panels.keys()]) if (!wanted.includes(key)) { this.panels.get(key).plot?.destroy(); this.panels.delete(key); }
    for (const key of wanted) {
      const told = state.panels.find((p) => p.panel === key);
      const one = this.panels.get(key) ?? { key, box: make("section", { class: "panel old", "data-panel": key }), shown: null };
      one.told = told;
      this.panels.set(key, one);
      if (!one.head) this.head(one);
    }
    replace(this.home, ...wanted.map((key) => this.panels.get(key).box));
    this.age(state.version);
  }

  head(one) {
    const name = one.told ? one.told.name.replaceAll("_", " ") : one.key === "facts" ? "derived" : "torque over the sphere";
    one.title = make("h3", {}, name);
    one.choice = make("span");
    one.what = make("p", { class: "what" });
    one.keys = make("ul", { class: "key", "aria-label": "key" });
    one.picture = make("div", { class: "picture" });
    one.read = make("p", { class: "read", role: "status", "aria-live": "off" });
    const acts = one.told ? [
      button("set", () => this.page.requestDialog(one), { "aria-label": `settings of ${name}` }),
      button("export", () => this.page.exportDialog(one), { "aria-label": `export ${name}` }),
      button("×", () => this.page.ask("unask", { index: this.page.state.panels.findIndex((p) => p.panel === one.key) }), { "aria-label": `take ${name} away` }),
    ] : one.key === "sphere" ? [button("×", () => this.page.ask("view", { changes: { sphere: null } }), { "aria-label": "take the sphere away" })] : [];
    one.head = make("header", {}, one.title, one.choice, ...acts);
    replace(one.box, one.head, one.what, one.keys, one.picture, one.read);
  }

  // everything that is older than this version is shown as old
  age(version) {
    for (const one of this.panels.values()) one.box.classList.toggle("old", one.version !== version);
    this.home.dataset.version = version;
  }

  working(key) {
    const one = this.panels.get(key.replace(/\|B$/, ""));
    if (one) one.read.textContent = "computing";
  }

  take(head, arrays) {
    const key = head.panel.replace(/\|B$/, ""), one = this.panels.get(key);
    if (!one) return;
    if (head.panel !== key) {
      this.second.set(key, head.problem ? null : { ...head, arrays });
      one.secondProblem = head.problem?.message ?? "";
    } else {
      one.version = head.version;
      one.box.classList.toggle("old", head.version !== this.page.version || head.coarse);
      one.shown = { ...head, arrays };
      one.box.dataset.version = head.version;
      one.box.dataset.seconds = head.seconds ?? "";
    }
    this.draw(one);
  }

  all() {
    for (const one of this.panels.values()) if (one.shown) this.draw(one);
  }

  draw(one) {
    const { shown } = one;
    if (!shown) return;
    one.title.textContent = (shown.words || one.key).replaceAll("_", " ");
    if (shown.problem) {
      this.bare(one);
      replace(one.picture, make("p", { class: "problem" }, shown.problem.message));
      return;
    }
    if (shown.tables) {
      this.bare(one);
      one.box.classList.add("wide");
      replace(one.picture, ...shown.tables.map(table));
      return;
    }
    const { how, data } = shown;
    const names = how.variables;
    if (!names.length) { replace(one.picture, make("p", { class: "what" }, "no numbers")); return; }
    if (!names.includes(one.variable)) one.variable = names[0];
    const wide = names.map((n) => data.variables[n].words || n);
    if (one.names !== names.join()) {
      one.names = names.join();
      replace(one.choice, make("select", { "aria-label": `what ${one.title.textContent} shows`, onchange: (e) => { one.variable = e.target.value; this.draw(one); } },
        ...names.map((n, k) => make("option", { value: n, selected: n === one.variable, title: wide[k] }, n))));
    }
    one.what.textContent = [data.variables[one.variable].words, ...Object.values(data.said), shown.cut, one.secondProblem ? `beside it: ${one.secondProblem}` : ""].filter(Boolean).join("; ");
    if (how.picture === "map") this.map(one);
    else if (how.picture === "curves") this.curves(one);
    else this.numbers(one);
  }

  bare(one) {
    one.plot?.destroy();
    one.plot = null;
    replace(one.keys);
    replace(one.choice);
    one.names = "";
    one.what.textContent = "";
    one.read.textContent = "";
  }

  // curves of one dataset: [{words, x, y}]
  lines(shown, name) {
    const { data, how, arrays } = shown, variable = data.variables[name];
    if (!variable) return [];
    const { dims, shape } = variable, along = dims.indexOf(how.x);
    if (along < 0) return [];
    const x = arrays[`c:${how.x}`] ?? Float64Array.from({ length: shape[along] }, (_, k) => k);
    const values = arrays[`v:${name}`];
    const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
    const others = dims.map((d, k) => k).filter((k) => k !== along);
    const out = [];
    const walk = (k, start, words) => {
      if (k === others.length) {
        const y = new Float64Array(x.length);
        for (let i = 0; i < x.length; i++) y[i] = values[start + i * strides[along]];
        out.push({ words: words.join(" "), x, y });
        return;
      }
      const d = others[k], labels = this.labels(shown, dims[d], shape[d]);
      if (shape[d] > 40) shown.cut = `40 of ${shape[d]} curves are drawn`;
      for (let i = 0; i < Math.min(shape[d], 40); i++) walk(k + 1, start + i * strides[d], shape[d] > 1 || labels.own ? [...words, labels.of(i)] : words);
    };
    walk(0, 0, []);
    return out;
  }

  labels(shown, dim, size) {
    const coord = shown.data.coords[dim];
    if (coord?.labels) return { own: true, of: (i) => coord.labels[i] };
    const numbers = shown.arrays[`c:${dim}`];
    if (!numbers) return { own: false, of: (i) => `${dim} ${i}` };
    const unit = readable(largest(numbers), coord.units, false);
    return { own: false, of: (i) => `${dim} ${digits(numbers[i] * unit.factor)} ${unit.unit}` };
  }

  curves(one) {
    const { shown } = one, name = one.variable, second = this.second.get(one.key);
    const first = this.lines(shown, name);
    const old = second && second.version !== this.page.version ? " of before" : "";
    const beside = second && this.page.state.view.compare ? this.lines(second, name).map((l) => ({ ...l, words: l.words + old })) : [];
    const over = this.over(shown, name);
    const every = [...over, ...first, ...beside]; // points lie below the curves
    const said = shown.data.variables[name], coord = shown.data.coords[shown.how.x] ?? { units: "", words: shown.how.x };
    const finite = (v) => v.reduce((m, c) => (Number.isFinite(c) ? Math.max(m, Math.abs(c)) : m), 0);
    const ratio = said.units === "1" && /^(MR|ratio)|ratio/i.test(name);
    const ux = readable(finite(first[0]?.x ?? [0]), coord.units, false);
    const uy = readable(Math.max(...every.map((l) => finite(l.y)), 0), said.units || "1", ratio);
    const rising = first.length > 0 && first[0].x.every((v, i) => i === 0 || v > first[0].x[i - 1]);
    const same = rising && every.every((l) => l.x === first[0].x || (l.x.length === first[0].x.length && l.x.every((v, i) => v === first[0].x[i])));
    const data = same
      ? [Array.from(first[0].x, (v) => v * ux.factor), ...every.map((l) => Array.from(l.y, (v) => (Number.isFinite(v) ? v * uy.factor : null)))]
      : uPlot.join(every.map((l) => sorted(l, ux.factor, uy.factor)));
    const points = (k) => k < over.length;
    const dashed = (k) => k >= over.length + first.length;
    const stroke = (k) => (points(k) ? colour(k + 4) : colour((k - over.length) % first.length));
    const signature = JSON.stringify([every.map((l) => l.words), ux.unit, uy.unit, beside.length, over.length, one.picture.clientWidth, colour(0)]);
    if (one.plot && one.signature === signature) one.plot.setData(data);
    else {
      one.plot?.destroy();
      one.signature = signature;
      replace(one.picture);
      const axis = (label) => ({ label, stroke: ink(), grid: { stroke: grid(), width: 1 }, ticks: { stroke: grid() }, labelSize: 22, font: "12px system-ui", labelFont: "12px system-ui" });
      const panels = this;
      one.plot = new uPlot({
        width: Math.max(260, one.picture.clientWidth), height: HEIGHT, legend: { show: false }, scales: { x: { time: false } },
        series: [{}, ...every.map((l, k) => ({
          label: l.words || name, stroke: stroke(k), width: points(k) ? 0 : 2, dash: dashed(k) ? [7, 5] : undefined, spanGaps: true,
          points: points(k) ? { show: true, size: 4, fill: stroke(k), stroke: stroke(k) } : { show: false },
        }))],
        axes: [axis(`${coord.words || shown.how.x}${ux.unit ? ` (${ux.unit})` : ""}`), { ...axis(`${name}${uy.unit ? ` (${uy.unit})` : ""}`), size: 64 }],
        hooks: {
          setCursor: [(plot) => panels.cursor(one, plot, ux, uy)],
          drawClear: [(plot) => panels.bands(one, plot, ux.factor)],
        },
      }, data, one.picture);
      one.picture.querySelector("canvas").setAttribute("role", "img");
      one.picture.querySelector("canvas").setAttribute("aria-label", `${said.words || name} against ${coord.words || shown.how.x}`);
    }
    one.units = uy;
    replace(one.keys, ...every.map((l, k) => make("li", {}, dot(stroke(k), dashed(k) ? "dashed" : points(k) ? "points" : ""),
      (l.words || name) + (dashed(k) ? ` (${this.page.compared()})` : ""))));
    this.extent(one, every, uy);
  }

  // measured points that belong here; a resistance beside a ratio is taken over its own mean
  over(shown, name) {
    const observable = { angle: "angular_scan", field: "field_scan", temperature: "temperature_scan" };
    const out = [];
    for (const one of this.overlays.values()) {
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

  bands(one, plot, factor) {
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

  cursor(one, plot, ux, uy) {
    const k = plot.cursor.idx;
    if (k === null || k === undefined) { one.read.textContent = one.range ?? ""; return; }
    const values = plot.series.slice(1).map((s, i) => [s.label, plot.data[i + 1][k]]).filter(([, v]) => v !== null && v !== undefined);
    one.read.textContent = `${digits(plot.data[0][k], 5)} ${ux.unit}: ${values.map(([n, v]) => `${n} ${digits(v, 5)}`).join(", ")} ${uy.unit}`;
  }

  extent(one, every, unit) {
    let low = Infinity, high = -Infinity;
    for (const l of every) for (const v of l.y) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
    one.range = low <= high ? `from ${digits(low * unit.factor, 5)} to ${digits(high * unit.factor, 5)} ${unit.unit}` : "no numbers";
    one.read.textContent = one.range;
  }

  map(one) {
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
    canvas.style.height = `${HEIGHT}px`;
    one.range = `from ${digits(low * unit.factor, 5)} to ${digits(high * unit.factor, 5)} ${unit.unit}`;
    one.read.textContent = one.range;
    replace(one.picture, canvas, make("p", { class: "what" },
      `${how.x}: ${words(how.x, x[0])} to ${words(how.x, x[x.length - 1])} to the right; ${how.y}: ${words(how.y, y[0])} to ${words(how.y, y[y.length - 1])} upwards; ${signed ? "blue negative, red positive" : "dark low, bright high"}`));
  }

  numbers(one) {
    const { shown } = one, { data, arrays } = shown;
    one.plot?.destroy();
    one.plot = null;
    replace(one.keys);
    const rows = [];
    for (const name of shown.how.variables) {
      const { dims, shape, units, words } = data.variables[name], values = arrays[`v:${name}`];
      for (let i = 0; i < Math.min(values.length, 60); i++) {
        let rest = i;
        const labels = dims.map((d, k) => { const size = shape.slice(k + 1).reduce((a, b) => a * b, 1); const n = Math.floor(rest / size); rest %= size; return this.labels(shown, d, shape[k]).of(n); });
        rows.push([[name, ...labels].join(" "), words, digits(values[i], 6), units]);
      }
    }
    replace(one.picture, table({ title: one.title.textContent, columns: ["", "what", "value", "unit"], rows, left: 2, caption: "" }));
  }
}

const largest = (values) => values.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);

function sorted(line, fx, fy) {
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

function dot(stroke, kind) {
  const made = make("i", { class: kind, "aria-hidden": "true" });
  if (kind === "points") made.style.background = stroke; else made.style.borderTopColor = stroke;
  return made;
}
