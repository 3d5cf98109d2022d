// Measured files over the curves.

import { fileDialog } from "./dialogs.js";
import { Fit } from "./fit.js";
import { button, make, replace } from "./make.js";

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
    Object.assign(this, { home, page, fit: new Fit(page) });
  }

  draw() {
    const { page } = this, overlays = page.state.overlays;
    const input = make("input", { type: "file", id: "files", multiple: true, onchange: async () => { for (const one of input.files) await upload(page, one); input.value = ""; } });
    replace(this.home,
      make("section", { "aria-label": "Measured files" }, make("h2", {}, "Measured files"),
        make("p", { class: "what" }, "Drop files anywhere on the page, or choose them: raw files of meters, results of spinstack analyze (.nc), sample files, sessions."),
        make("label", { for: "files" }, "files "), input,
        make("ul", { class: "key" }, ...overlays.map((o) => make("li", {}, `${o.name} (${o.points} points)`, button("×", () => { page.panels.overlays.delete(o.name); page.ask("forget", { name: o.name }); page.panels.all(); }, { "aria-label": `take ${o.name} away` }))))),
      overlays.length ? this.fit.draw() : null);
  }

  // what a fit tells as it goes
  take(head) {
    this.fit.found = head;
    this.draw();
  }
}
