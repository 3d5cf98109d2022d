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
      make("ul", { class: "key" }, ...this.candidates.map((c, k) => make("li", {}, `${c.name}, ± ${Object.values(c.errors).length > 1 ? Object.entries(c.errors).map(([n, e]) => `${e} of ${n}`).join(", ") : Object.values(c.errors)[0]}, cost ${c.cost}`,
        button("×", () => { this.candidates.splice(k, 1); this.page.draw(); }, { "aria-label": `without ${c.name}` })))),
      make("div", { class: "pairs" }, button("Add a measurement", () => this.add(free), { id: "next-add" }), ...row("learn about", of),
        button("Fit and rank them", () => this.start({ candidates: this.candidates, of: this.of }), { disabled: running || !this.candidates.length, id: "next-do" })));
  }

  add(free) {
    const known = this.page.vocabulary.candidates;
    const what = select("next-what", known.map((c) => [c.word, `${c.words} (${c.word})`]), known[0].word);
    const plane = select("next-plane", PLANES, "alpha"), path = select("next-path", [["", "this film as it is"], ...free.map((one) => [one.path, `a film with another ${one.path}`])], "");
    const settings = make("textarea", { id: "next-settings", rows: "6", cols: "60", spellcheck: "false" });
    const value = make("input", { type: "text", id: "next-value", placeholder: "e.g. 3 nm", disabled: true });
    const cost = make("input", { type: "text", id: "next-cost", value: "1" });
    const simple = make("div", { class: "grid" }, ...row("plane", plane)), more = make("div", {}, make("label", { for: "next-settings" }, "its settings, as in a fit file"), settings);
    const errors = make("div", { class: "grid", id: "next-errors" }), wrong = make("p", { class: "problem", role: "alert" });
    let fields = [], asked = 0;
    const given = () => {
      const own = what.value === "magnetoresistance" ? { plane: plane.value } : JSON.parse(settings.value);
      const changed = path.value ? `, ${path.value} = ${value.value.trim()}` : "", said = Object.entries(own).filter(([, v]) => typeof v === "string").map(([k, v]) => `${k} ${v}`);
      return { name: what.value === "magnetoresistance" ? `${plane.value}${changed}` : `${[what.value, ...said].join(", ")}${changed}`, observable: what.value, settings: own, path: path.value, value: path.value ? value.value.trim() : "" };
    };
    // which numbers it would give, each of which has an error of its own; those without one would not be measured
    const look = async () => {
      const number = ++asked;
      let one, found;
      try { one = given(); } catch (error) { wrong.textContent = `its settings: no table in JSON (${error.message}).`; return; }
      if (one.path && !one.value) one.path = "";
      try { found = await this.page.socket.ask("measurable", { candidate: one }); } catch (problem) { found = null; if (number === asked) wrong.textContent = `${problem.field}: ${problem.short}`; }
      if (number !== asked) return;
      if (found) wrong.textContent = "";
      const before = new Map(fields.map(({ variable, input }) => [variable, input.value]));
      fields = (found ?? []).map((f, k) => ({ ...f, input: make("input", { type: "text", id: k ? `next-error-${k}` : "next-error", value: before.get(f.variable) ?? "", placeholder: f.unit === "1" ? "e.g. 0.001 %" : `e.g. ${f.example}` }) }));
      errors.replaceChildren(...fields.flatMap((f) => row(`error of ${f.variable}${f.unit === "1" ? "" : ` (${f.unit})`}`, f.input)));
    };
    const turned = () => {
      const plain = what.value === "magnetoresistance";
      simple.hidden = !plain;
      more.hidden = plain;
      settings.value = JSON.stringify(known.find((c) => c.word === what.value).table, null, 1);
      look();
    };
    what.addEventListener("change", turned);
    settings.addEventListener("change", look);
    path.addEventListener("change", () => { value.disabled = !path.value; look(); });
    value.addEventListener("change", look);
    ask("A measurement that could be made", make("p", { class: "what" }, "Everything that a fit file takes. What has no error would not be measured."),
      make("div", { class: "grid" }, ...row("what", what)), simple, more,
      make("div", { class: "grid" }, ...row("of", path), ...row("its value", value)), errors, make("div", { class: "grid" }, ...row("cost, in any unit", cost)), wrong,
      make("div", { class: "ends" }, button("Cancel", close), button("Add", async () => {
        const price = Number(cost.value), stated = Object.fromEntries(fields.filter((f) => f.input.value.trim()).map((f) => [f.variable, f.input.value.trim()]));
        const problem = !fields.length ? wrong.textContent || "what it would tell is not known yet." : !Object.keys(stated).length ? `error: nothing was given; write for example ${fields[0].unit === "1" ? "0.001 %" : fields[0].example}.` : path.value && !value.value.trim() ? `its value: nothing was given; write what ${path.value} would be.`
          : !(price > 0) ? `cost: got ${cost.value}; allowed: a number above 0.` : "";
        if (problem) { wrong.textContent = problem; return; }
        this.candidates.push({ ...given(), errors: stated, cost: price });
        close();
        this.page.draw();
      }, { class: "main", id: "next-take" })));
    turned();
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
