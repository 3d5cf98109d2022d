// What stands beside the film in every panel: the film as it was, that of another file or session, another theory.

import { DASHES } from "./curves.js";
import { ask, close, row } from "./dialogs.js";
import { button, make } from "./make.js";

export function besideBar(page) {
  const beside = page.state.view.compare ?? [], theory = beside.findIndex((one) => one.what === "theory");
  return [
    button("Hold for comparison", () => page.ask("compare", { what: "film" }), { id: "compare-film", title: "keep the film as it is beside what you do next" }),
    button("Another film beside", () => besideDialog(page), { id: "compare-other" }),
    button("Boltzmann beside", () => (theory < 0 ? page.ask("compare", { what: "theory" }) : page.ask("uncompare", { index: theory })), { "aria-pressed": String(theory >= 0), id: "compare-theory" }),
    beside.length ? make("ul", { class: "beside", "aria-label": "beside the film" }, ...beside.map((one, k) => chip(page, one, k))) : null,
  ];
}

function chip(page, one, k) {
  const label = make("input", { type: "text", id: `beside-${k}`, value: one.label, "aria-label": `label of ${one.label}`, onchange: () => page.ask("relabel", { index: k, label: label.value }) });
  return make("li", {}, make("i", { class: `dashed of-${k % DASHES.length}`, "aria-hidden": "true" }), label,
    button("×", () => page.ask("uncompare", { index: k }), { "aria-label": `take ${one.label} away`, id: `unbeside-${k}` }));
}

async function besideDialog(page) {
  const kept = (await page.ask("earlier")) ?? [];
  const file = make("input", { type: "file", id: "beside-file", accept: ".toml" }), label = make("input", { type: "text", id: "beside-label", placeholder: "name of the file" });
  const wrong = make("p", { class: "problem", role: "alert" });
  const done = async (name, values) => {
    if (await page.ask(name, values, true)) close();
    else wrong.textContent = page.wrong?.message ?? "";
  };
  ask("Another film beside this one", make("p", { class: "what" }, "The panels of this film are asked of the other as well."),
    make("div", { class: "grid" }, ...row("sample file", file), ...row("label", label)),
    kept.length ? make("h3", {}, "Earlier sessions") : null,
    make("ul", { class: "key" }, ...kept.slice(0, 12).map((k) => make("li", {}, button(`${k.title}, ${new Date(k.time * 1000).toLocaleString()}`, () => done("compare_earlier", { name: k.name }))))),
    wrong, make("div", { class: "ends" }, button("Cancel", close), button("Put it beside", async () => {
      const one = file.files[0];
      if (!one) { wrong.textContent = "sample file: none was chosen."; return; }
      await done("compare", { what: "film", label: label.value.trim() || one.name, text: await one.text() });
    }, { class: "main", id: "beside-do" })));
}
