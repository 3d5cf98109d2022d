// The film as a drawn cross-section and as a list: choose, add, remove, move, duplicate, repeat.

import { button, make, replace, svg } from "./make.js";
import { addDialog } from "./dialogs.js";

const nm = (t) => (t === null ? "" : `${Number((t * 1e9).toPrecision(4))} nm`);

export function words(e) {
  const size = e.thickness === null ? "" : ` ${nm(e.thickness)}`;
  return `${e.interface ? "interface " : ""}${e.label}${size}`;
}

export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export function drawSection(home, page) {
  const rows = page.state.page.elements;
  const layers = rows.filter((e) => e.thickness !== null).map((e) => Math.log10(Math.max(e.thickness, 1e-11)));
  const low = Math.min(...layers), span = Math.max(...layers) - low || 1;
  const tall = (e) => (e.interface ? 0 : e.thickness === null ? 24 : 26 + (34 * (Math.log10(e.thickness) - low)) / span);
  const height = rows.reduce((sum, e) => sum + tall(e), 0) + 12;
  let y = height - 6;
  const parts = [];
  for (const e of rows) {
    const h = tall(e);
    y -= h;
    const kind = e.insulator ? "insulator" : e.kind === "vacuum" ? "vacuum" : e.magnetic ? "magnet" : "metal";
    const choose = () => page.choose(e.place);
    const given = {
      role: "button", tabindex: "0", "aria-label": e.interface ? words(e) : null, class: same(e.place, page.chosen) ? "chosen" : null,
      onclick: choose, onkeydown: (k) => { if (k.key === "Enter" || k.key === " ") { k.preventDefault(); choose(); } },
    };
    parts.push(e.interface
      ? svg("g", given, svg("line", { x1: 4, x2: 236, y1: y, y2: y, class: "face" }),
            svg("rect", { x: 4, y: y - 5, width: 232, height: 10, fill: "transparent", stroke: "none" }))
      : svg("g", given, svg("rect", { x: 4, y, width: 232, height: h, class: kind }),
            svg("text", { x: 12, y: y + h / 2 + 4 }, e.label + (e.count > 1 ? `  ×${e.count}` : "")),
            svg("text", { x: 228, y: y + h / 2 + 4, "text-anchor": "end" }, nm(e.thickness))));
  }
  // interfaces above the layers that they join
  parts.sort((a, b) => Boolean(a.querySelector(".face")) - Boolean(b.querySelector(".face")));
  replace(home, rows.length ? svg("svg", { viewBox: `0 0 240 ${height}`, width: "100%", role: "group", "aria-label": "cross-section of the film, bottom below" }, ...parts) : null);
}

export function drawList(home, page) {
  const rows = page.state.page.elements;
  const items = rows.map((e) => {
    const top = e.place.length === 2, at = e.place[e.place.length - 1];
    const act = (name, label, title, values, off = false) =>
      button(label, () => page.ask(name, { place: e.place, ...values }), { id: `${label}-${e.place.join("-")}`, title, "aria-label": `${title}: ${e.label}`, disabled: off });
    return make("li", { class: [e.interface ? "interface" : "", same(e.place, page.chosen) ? "chosen" : ""].join(" ").trim() },
      button("", () => page.choose(e.place), { id: `e-${e.place.join("-")}`, class: "name", "aria-pressed": String(same(e.place, page.chosen)) }),
      make("div", { class: "acts" },
        act("move", "up", "move up", { to: at + 1 }), act("move", "down", "move down", { to: Math.max(0, at - 1) }, at === 0),
        act("duplicate", "copy", "copy"), act("remove", "remove", "remove"),
        top ? button(e.count > 1 ? `×${e.count}` : "repeat", () => page.repeat(e), { "aria-label": `repeat ${e.label}` }) : null));
  });
  items.forEach((item, k) => {
    const e = rows[k];
    item.querySelector("button.name").append(e.interface ? `— ${e.label}` : e.label, make("span", { class: "more" },
      ` ${nm(e.thickness)} ${e.interface ? "" : e.kindWords}${e.material ? ` (${e.material})` : ""}${e.count > 1 ? ` ×${e.count}` : ""}`));
  });
  replace(home, ...items.reverse());
}

export function drawAdding(home, page) {
  replace(home,
    button("Add a layer", () => addDialog(page), { class: "main", id: "add" }),
    page.state.page.elements.length ? null : button("Start from a bilayer", () => page.ask("new", { template: "bilayer" })));
}

export function drawProblems(home, page) {
  const { problems, doubts } = page.state.page;
  replace(home, ...problems.map((p) => make("p", { class: "problem" }, p.message)), ...doubts.map((d) => make("p", { class: "doubt" }, d)));
}
