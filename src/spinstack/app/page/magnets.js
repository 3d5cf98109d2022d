// Magnets that move: which of the film do, which are held, and what is said of each.

import { ask, close, row, select } from "./dialogs.js";
import { button, make, replace } from "./make.js";
import { same } from "./film.js";

export function drawMagnets(home, page) {
  const { magnets, magnetic } = page.state.page;
  if (!magnetic.length && !magnets.length) { replace(home); return; }
  replace(home, make("h3", {}, "Magnets"),
    magnets.length ? null : make("p", { class: "what" }, "None moves by itself: every panel is told where they point."),
    make("ul", { class: "rows" }, ...magnets.map((e) => make("li", { class: same(e.place, page.chosen) ? "chosen" : "" },
      button("", () => page.choose(e.place), { id: `e-${e.place.join("-")}`, class: "name", "aria-pressed": String(same(e.place, page.chosen)) }),
      e.kind === "exchange" ? button("×", () => page.ask("uncouple", { index: e.place[1] }), { "aria-label": `without the exchange of ${e.label}` }) : null))),
    magnets.filter((m) => m.kind === "magnet").length > 1 ? button("Couple two magnets", () => coupleDialog(page), { id: "couple" }) : null,
    magnetic.length ? button(magnets.length ? "Which magnets move" : "Let magnets move", () => magnetsDialog(page), { id: "magnets" }) : null);
  home.querySelectorAll("button.name").forEach((b, k) => b.append(magnets[k].label, make("span", { class: "more" }, ` ${magnets[k].kindWords}`)));
}

function coupleDialog(page) {
  const names = page.state.page.magnets.filter((m) => m.kind === "magnet").map((m) => [m.label, m.label]);
  const first = select("couple-first", names, names[0][0]), second = select("couple-second", names, names[1][0]);
  const bilinear = make("input", { type: "text", id: "couple-bilinear", placeholder: "e.g. -0.1 mJ/m^2, negative: antiparallel" });
  ask("Exchange between two magnets", make("div", { class: "grid" }, ...row("one", first), ...row("the other", second), ...row("bilinear, per area", bilinear)),
    make("div", { class: "ends" }, button("Cancel", close), button("Couple", async () => {
      if (await page.ask("couple", { first: first.value, second: second.value, bilinear: bilinear.value }, true)) close();
    }, { class: "main", id: "couple-do" })));
}

const HOLDS = [
  ["effective_magnetization", "effective magnetization, as a resonance measures it", "1 T", {}],
  ["surface_anisotropy", "surface anisotropy beside the shape of an extended film", "1.1 mJ/m^2", { demagnetizing_factor: 1 }],
  ["anisotropy_field", "anisotropy field along the normal, shape included", "0.4 T", { easy_axis: "z" }],
];

// every magnet of the film at once, since all have to be told
export function magnetsDialog(page) {
  const { magnets, magnetic } = page.state.page;
  const boxes = magnetic.map(({ name, insulator }, k) => {
    const known = magnets.find((m) => m.label === name && m.kind === "magnet");
    const id = (word) => `magnet-${k}-${word}`;
    const input = (word, value, placeholder = "") => make("input", { type: "text", id: id(word), value, placeholder });
    const how = select(id("how"), [["moves", "moves"], ["x", "is held along x"], ["y", "is held along y"], ["z", "is held along z"], ["neel", "follows a field as a Néel vector"]], !known ? "moves" : known.kindWords === "held" ? "x" : "moves");
    if (known) how.prepend(make("option", { value: "", selected: true }, "as it is"));
    const size = input("magnetization", "8e5 A/m"), damping = input("damping", "0.01"), thickness = input("thickness", "", "e.g. 50 nm");
    const hold = select(id("hold"), HOLDS.map(([n, w]) => [n, w]), HOLDS[0][0]), strength = input("strength", HOLDS[0][2]);
    const start = select(id("start"), [["", "where its energy is lowest, if that is one place"], ["x", "x"], ["y", "y"], ["z", "z"]], "");
    hold.addEventListener("change", () => { strength.value = HOLDS.find(([n]) => n === hold.value)[2]; });
    const flop = input("flop", "2 T"), easy = select(id("easy"), [["x", "x"], ["y", "y"], ["z", "z"]], "x");
    const moving = make("div", { class: "grid" }, ...row("magnetization", size), ...row("Gilbert damping", damping), ...(insulator ? row("thickness", thickness) : []), ...row("held by", hold), ...row("its size", strength), ...row("begins along", start));
    const neel = make("div", { class: "grid" }, ...row("spin-flop field", flop), ...row("easy axis", easy));
    const shown = () => { moving.hidden = how.value !== "moves"; neel.hidden = how.value !== "neel"; };
    how.addEventListener("change", shown);
    shown();
    const table = () => {
      if (how.value === "neel") return { spin_flop_field: flop.value, easy_axis: easy.value };
      if (how.value !== "moves") return { held: how.value };
      const number = Number(damping.value);
      const made = { magnetization: size.value, damping: damping.value.trim() && Number.isFinite(number) ? number : damping.value, ...HOLDS.find(([n]) => n === hold.value)[3], [hold.value]: strength.value };
      if (insulator && thickness.value) made.thickness = thickness.value;
      if (start.value) made.start = start.value;
      return made;
    };
    return { name, how, table, box: make("fieldset", {}, make("legend", {}, name), make("div", { class: "grid" }, ...row("what it does", how)), moving, neel) };
  });
  const told = async (tables) => { if (await page.ask("magnets", { tables }, true)) close(); };
  ask("Magnets of the film",
    make("p", { class: "what" }, "The numbers are usual ones: set yours. Everything else (volume, axes, exchange bias) stands among the parameters of a magnet once it moves."),
    ...boxes.map((b) => b.box),
    make("div", { class: "ends" }, button("Cancel", close),
      magnets.length ? button("None moves", () => told(Object.fromEntries(magnets.filter((m) => m.kind === "magnet").map((m) => [m.label, null])))) : null,
      button("Set", () => told(Object.fromEntries(boxes.filter((b) => b.how.value).map((b) => [b.name, b.table()]))), { class: "main", id: "magnets-do" })));
}
