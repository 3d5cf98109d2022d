// Measured files over the curves, and fits of the film to them.

import { button, make, replace, table } from "./make.js";
import { fileDialog } from "./dialogs.js";

const PART = 1_000_000;

export async function upload(page, file) {
  if (/\.(toml|json)$/i.test(file.name)) { await page.ask("open", { text: await file.text(), name: file.name }); return; }
  const bytes = await file.arrayBuffer(), parts = Math.max(1, Math.ceil(bytes.byteLength / PART));
  let seen = null;
  for (let part = 0; part < parts; part++) {
    seen = await page.ask("upload", { name: file.name, part, parts }, true, bytes.slice(part * PART, (part + 1) * PART));
    if (seen === undefined) return;
  }
  if (seen) fileDialog(page, seen);
}

export class Data {
  constructor(home, page) {
    Object.assign(this, { home, page, fit: null, chosen: new Map() });
  }

  draw() {
    const { page } = this, overlays = page.state.overlays, f = this.fit;
    const input = make("input", { type: "file", id: "files", multiple: true, onchange: async () => { for (const one of input.files) await upload(page, one); input.value = ""; } });
    const free = page.state.page.elements.flatMap((e) => e.fields.filter((one) => typeof one.value === "number" && one.value !== 0 && one.place.length === e.place.length + 1)
      .map((one) => ({ path: `${e.label}.${one.name}`, value: one.value, unit: one.unit, factor: one.factor, si: one.si })));
    this.free = free;
    const boxes = free.map((one) => {
      const box = make("input", { type: "checkbox", id: `free-${one.path}`, checked: this.chosen.has(one.path), onchange: () => { box.checked ? this.chosen.set(one.path, one) : this.chosen.delete(one.path); } });
      return make("li", {}, box, make("label", { for: box.id }, one.path));
    });
    replace(this.home,
      make("section", { "aria-label": "Measured files" }, make("h2", {}, "Measured files"),
        make("p", { class: "what" }, "Drop files anywhere on the page, or choose them: raw files of meters, results of spinstack analyze (.nc), sample files, sessions."),
        make("label", { for: "files" }, "files "), input,
        make("ul", { class: "key" }, ...overlays.map((o) => make("li", {}, `${o.name} (${o.points} points)`, button("×", () => { page.panels.overlays.delete(o.name); page.ask("forget", { name: o.name }); page.panels.all(); }, { "aria-label": `take ${o.name} away` }))))),
      overlays.length ? make("section", { "aria-label": "Fit" }, make("h2", {}, "Fit"),
        make("p", { class: "what" }, "Parameters that are unknown; each is known beforehand within a factor of 3 of its present value, or within its size where it may be of either sign."),
        make("ul", { class: "key" }, ...boxes),
        make("div", { class: "ends" },
          button("Fit", () => this.start(false), { class: "main", disabled: f?.state === "running" }), button("Compare mechanisms", () => this.start(true), { disabled: f?.state === "running" }),
          f?.state === "running" ? button("Stop", () => page.ask("fit_stop")) : null,
          f?.state === "done" ? button("Take its values", () => page.ask("fit_take")) : null),
        f ? this.told(f) : null) : null);
  }

  start(mechanisms) {
    const parameters = this.free.filter((one) => this.chosen.has(one.path)).map((one) => ({ path: one.path, prior: prior(one) }));
    this.page.ask("fit_start", { parameters, overlays: this.page.state.overlays.map((o) => o.name), mechanisms });
  }

  take(head) {
    this.fit = head;
    this.draw();
  }

  told(f) {
    if (f.state === "running") return make("div", {}, make("p", { role: "status" }, f.words), make("progress", { max: String(f.total || 1), value: String(f.done), "aria-label": "progress of the fit" }));
    return make("div", {},
      f.words ? make("p", {}, f.words) : null, f.problem ? make("p", { class: "problem" }, f.problem.message) : null,
      ...(f.tables ?? []).map(table), ...(f.verdicts ?? []).map((v) => make("p", {}, v)), ...(f.warnings ?? []).map((w) => make("p", { class: "doubt" }, w)));
  }
}

const text = (v, one) => (one.si === "1" ? v : `${v} ${one.si}`);

function prior(one) {
  if (one.value > 0 && !/angle|ratio|filtering|precession|edelstein|splitting/.test(one.path)) return { lognormal: text(one.value, one), factor: 3 };
  return { normal: text(one.value, one), deviation: text(Math.abs(one.value), one) };
}
