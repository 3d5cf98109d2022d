// Fits of the film to what is laid over it: what is unknown, what could be measured next, what was found.

import { heat } from "./colours.js";
import { ask, close, row, select } from "./dialogs.js";
import { button, make, table } from "./make.js";

const PLANES = [["alpha", "α (x to y)"], ["beta", "β (y to z)"], ["gamma", "γ (x to z)"]];

export class Fit {
  constructor(page) {
    Object.assign(this, { page, found: null, chosen: new Map(), candidates: [], of: "parameters", metal: "", magnet: "" });
  }

  // parameters that can be unknown: numbers of elements themselves
  free() {
    return this.page.state.page.elements.flatMap((e) => e.fields.filter((one) => typeof one.value === "number" && one.value !== 0 && one.place.length === e.place.length + 1)
      .map((one) => ({ path: `${e.label}.${one.name}`, value: one.value, unit: one.unit, factor: one.factor, si: one.si })));
  }

  draw() {
    const { page, found: f } = this, running = f?.state === "running", free = this.free();
    const boxes = free.map((one) => {
      const box = make("input", { type: "checkbox", id: `free-${one.path}`, checked: this.chosen.has(one.path), onchange: () => { box.checked ? this.chosen.set(one.path, one) : this.chosen.delete(one.path); } });
      return make("li", {}, box, make("label", { for: box.id }, one.path));
    });
    return make("section", { "aria-label": "Fit" }, make("h2", {}, "Fit"),
      make("p", { class: "what" }, "Parameters that are unknown; each is known beforehand within a factor of 3 of its present value, or within its size where it may be of either sign."),
      make("ul", { class: "key" }, ...boxes),
      ...this.layers(),
      make("div", { class: "ends" },
        button("Fit", () => this.start({}), { class: "main", disabled: running }),
        button("Compare mechanisms", () => this.start({ mechanisms: true }), { disabled: running }),
        running ? button("Stop", () => page.ask("fit_stop")) : null,
        f?.state === "done" ? button("Take its values", () => page.ask("fit_take")) : null),
      this.next(free, running),
      f ? this.told(f) : null);
  }

  // to which layers the mechanisms belong, where there is a choice
  layers() {
    const layers = this.page.state.page.elements.filter((e) => e.thickness !== null);
    const choices = [["metal", layers.filter((e) => !e.magnetic)], ["magnet", layers.filter((e) => e.magnetic)]].filter(([, of]) => of.length > 1);
    if (!choices.length) return [];
    return [make("div", { class: "pairs" }, ...choices.flatMap(([what, of]) => {
      const chosen = select(`fit-${what}`, [["", "–"], ...of.map((e) => [e.label, e.label])], this[what]);
      chosen.addEventListener("change", () => { this[what] = chosen.value; });
      return row(`${what} of the mechanisms`, chosen);
    }))];
  }

  next(free, running) {
    const of = select("next-of", [["parameters", "the ticked parameters"], ["mechanisms", "which mechanism it is"]], this.of);
    of.addEventListener("change", () => { this.of = of.value; });
    return make("div", {}, make("h3", {}, "What to measure next"),
      make("p", { class: "what" }, "Say what you could measure, each with the error that it would have; the fit says how much of it is expected to be learnt (in nat, the natural unit of information)."),
      make("ul", { class: "key" }, ...this.candidates.map((c, k) => make("li", {}, `${c.plane}${c.path ? `, ${c.path} = ${c.value}` : ""}, ± ${c.error}, cost ${c.cost}`,
        button("×", () => { this.candidates.splice(k, 1); this.page.draw(); }, { "aria-label": `without ${c.plane} ${c.path} ${c.value}` })))),
      make("div", { class: "pairs" }, button("Add a measurement", () => this.add(free), { id: "next-add" }), ...row("learn about", of),
        button("Fit and rank them", () => this.start({ candidates: this.candidates, of: this.of }), { disabled: running || !this.candidates.length, id: "next-do" })));
  }

  add(free) {
    const plane = select("next-plane", PLANES, "alpha"), path = select("next-path", [["", "this film as it is"], ...free.map((one) => [one.path, `a film with another ${one.path}`])], "");
    const value = make("input", { type: "text", id: "next-value", placeholder: "e.g. 3 nm", disabled: true });
    const error = make("input", { type: "text", id: "next-error", placeholder: "of the ratio, e.g. 0.001 %" });
    const cost = make("input", { type: "text", id: "next-cost", value: "1" });
    path.addEventListener("change", () => { value.disabled = !path.value; });
    const wrong = make("p", { class: "problem", role: "alert" });
    ask("A measurement that could be made", make("p", { class: "what" }, "The magnetoresistance between the two axes of a plane."),
      make("div", { class: "grid" }, ...row("plane", plane), ...row("of", path), ...row("its value", value), ...row("error", error), ...row("cost, in any unit", cost)), wrong,
      make("div", { class: "ends" }, button("Cancel", close), button("Add", () => {
        const price = Number(cost.value);
        wrong.textContent = !error.value.trim() ? "error: nothing was given; write for example 0.001 %." : path.value && !value.value.trim() ? `its value: nothing was given; write what ${path.value} would be.`
          : !(price > 0) ? `cost: got ${cost.value}; allowed: a number above 0.` : "";
        if (wrong.textContent) return;
        this.candidates.push({ plane: plane.value, path: path.value, value: path.value ? value.value : "", error: error.value, cost: price });
        close();
        this.page.draw();
      }, { class: "main", id: "next-take" })));
  }

  start(asked) {
    const parameters = this.free().filter((one) => this.chosen.has(one.path)).map((one) => ({ path: one.path, prior: prior(one) }));
    this.page.ask("fit_start", { parameters, overlays: this.page.state.overlays.map((o) => o.name), metal: this.metal, magnet: this.magnet, ...asked });
  }

  told(f) {
    if (f.state === "running") return make("div", {}, make("p", { role: "status" }, f.words), make("progress", { max: String(f.total || 1), value: String(f.done), "aria-label": "progress of the fit" }));
    return make("div", { class: "told" },
      f.words ? make("p", {}, f.words) : null, f.problem ? make("p", { class: "problem" }, f.problem.message) : null,
      ...(f.conclusion ?? []).map((c) => make("p", {}, c)),
      ...(f.tables ?? []).map(table), f.correlations ? matrix(f.correlations) : null,
      ...(f.verdicts ?? []).map((v) => make("p", {}, v)), ...(f.warnings ?? []).map((w) => make("p", { class: "doubt" }, w)));
  }
}

// correlations as a table of numbers on their colours; columns are numbered, since names are long
function matrix({ names, values }) {
  const cell = (r) => {
    const td = make("td", { class: "shade" }, (Math.abs(r) < 0.005 ? "0.00" : r.toFixed(2)).replace("-", "−"));
    const rgb = heat((r + 1) / 2, true), light = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    td.style.background = `rgb(${rgb.join()})`;
    td.style.color = light > 128 ? "#000" : "#fff";
    return td;
  };
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Correlations" },
    make("table", { class: "matrix" }, make("caption", {}, "Correlations of the fitted parameters"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col", class: "word" }, "parameter"), ...names.map((n, k) => make("th", { scope: "col", title: n, abbr: n }, String(k + 1))))),
      make("tbody", {}, ...names.map((n, k) => make("tr", {}, make("th", { scope: "row", class: "word" }, `${k + 1} ${n}`), ...values[k].map(cell))))),
    make("p", { class: "what" }, "Near 1 or −1 (red, blue) the data tell a combination of the two, not each by itself."));
}

const text = (v, one) => (one.si === "1" ? v : `${v} ${one.si}`);

function prior(one) {
  if (one.value > 0 && !/angle|ratio|filtering|precession|edelstein|splitting/.test(one.path)) return { lognormal: text(one.value, one), factor: 3 };
  return { normal: text(one.value, one), deviation: text(Math.abs(one.value), one) };
}
