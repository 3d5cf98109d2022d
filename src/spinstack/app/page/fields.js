// The numbers of the chosen element: typed with a unit, or moved by a slider that the curves follow.

import { button, digits, make, replace } from "./make.js";
import { same } from "./film.js";

const STEPS = 400;
const ENDS = new Map(); // ranges that the user has set; no edit resets them

export function drawFields(home, title, page) {
  const e = [...page.state.page.elements, ...page.state.page.magnets].find((one) => same(one.place, page.chosen));
  if (!e) {
    title.textContent = "Parameters";
    replace(home, make("p", { class: "what" }, page.state.page.elements.length ? "Choose a layer or an interface." : "Nothing is here yet: add a layer."));
    return;
  }
  title.textContent = `${e.label}: ${e.kindWords}`;
  const all = page.showsAll;
  const shown = e.fields.filter((f) => f.first || f.given || all);
  replace(home,
    e.kind === "interface" || e.place[0] !== "film" ? null : textField(page, e, { name: "name", value: e.name }),
    ...e.text.filter((t) => t.value || t.direction || t.choices || all).map((t) => textField(page, e, t)),
    ...e.models.map((m) => modelField(page, e, m)),
    ...shown.map((f) => field(page, e, f)),
    e.fields.every((f) => f.first || f.given) && !e.text.some((t) => t.value === "" && !t.direction && !t.choices) ? null : button(all ? "Fewer parameters" : `All ${e.fields.length} parameters`, () => { page.showsAll = !all; page.draw(); }, { "aria-expanded": String(all) }));
}

function textField(page, e, t) {
  const id = `t-${t.name}`, wrong = page.wrongAt([...e.place, t.name]);
  const value = (words) => { if (t.vector) return vector(words); if (t.direction && /^\[/.test(words.trim())) { try { return JSON.parse(words); } catch { return words; } } return words.trim() || null; };
  const place = [...e.place, t.name], words = t.name.replaceAll("_", " ");
  const input = t.choices
    ? make("select", { id, onchange: () => page.set([[place, input.value ? JSON.parse(input.value) : null]]) }, ...choices(t))
    : make("input", { type: "text", id, value: t.value, placeholder: t.direction ? "x, y, z or [0, 1, 1]" : "", "aria-invalid": wrong ? "true" : null,
      onchange: () => page.set([[place, value(input.value)]]) });
  return make("div", { class: `field${t.given === false ? " unset" : ""}`, "data-field": t.name }, make("div", { class: "row" }, make("label", { for: id }, words), input, t.given ? away(page, place, words) : null),
    wrong ? make("p", { class: "wrong" }, wrong) : null, t.doc ? make("p", { class: "doc" }, t.doc) : null);
}

// what a file has and no choice knows is shown as it stands there
function choices(t) {
  const all = t.choices.some(([v]) => v === t.value) ? t.choices : [[t.value, t.value], ...t.choices];
  return all.map(([v, shown]) => make("option", { value: v, selected: v === t.value }, shown));
}

// three components behind each other: "0, 0, 100 mT"
function vector(words) {
  const parts = words.replace(/^\s*\[|\]\s*$/g, "").split(",").map((p) => p.trim().replace(/^"|"$/g, ""));
  return words.trim() === "" ? null : parts.map((p) => (p !== "" && !Number.isNaN(Number(p)) ? Number(p) : p));
}

function away(page, place, name) {
  return button("×", () => page.set([[place, null]]), { "aria-label": `take ${name} away`, title: "as by default" });
}

function modelField(page, e, m) {
  const id = `m-${m.field}`;
  const select = make("select", { id, onchange: () => page.ask("model", { place: e.place, field: m.field, kind: select.value }) },
    ...["", ...m.known].map((k) => make("option", { value: k, selected: k === m.have }, k ? k.replaceAll("_", " ") : "numbers of its own")));
  return make("div", { class: "field" }, make("div", { class: "row" }, make("label", { for: id }, m.field), select));
}

// text of a value as the file would have it
function written(f, shown) {
  return f.unit === "1" ? Number(shown) : `${shown} ${f.unit}`;
}

function valueText(f) {
  if (f.raw !== null && typeof f.raw !== "object") return String(f.raw);
  if (f.off) return "inf";
  if (Array.isArray(f.value) && f.kind === "complex") return `${digits(f.value[0])} ${f.value[1] < 0 ? "-" : "+"} ${digits(Math.abs(f.value[1]))}j ${f.si}`;
  if (f.raw !== null && typeof f.raw === "object") return JSON.stringify(f.raw);
  if (typeof f.value !== "number") return "";
  return f.unit === "1" ? digits(f.value, 6) : `${digits(f.value / f.factor, 6)} ${f.unit}`;
}

function typed(f, text) {
  const bare = text.trim();
  if (bare === "") return null;
  if (/^[[{]/.test(bare)) { try { return JSON.parse(bare); } catch { return bare; } }
  if (f.si === "1" && bare !== "" && !Number.isNaN(Number(bare))) return Number(bare);
  if (f.si !== "1" && /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(bare)) return `${bare} ${f.unit}`;
  return bare;
}

function field(page, e, f) {
  const id = `f-${f.name}`, box = make("div", { class: `field${f.given ? "" : " unset"}`, "data-field": f.name });
  const name = f.name.replaceAll("_", " ");
  if (f.kind === "law") {
    replace(box, make("div", { class: "row" }, make("label", {}, name), make("span", {}, f.law.replaceAll("_", " "))),
      make("p", { class: "doc" }, "follows a law of the temperature"));
    return box;
  }
  const wrong = page.wrongAt(f.place);
  const input = make("input", {
    type: "text", id, value: valueText(f), placeholder: f.absent ? `e.g. ${f.example}` : "", "aria-describedby": `${id}-doc`, "aria-invalid": wrong ? "true" : null,
    onchange: () => page.set([[f.place, typed(f, input.value)]]),
  });
  const parts = [make("div", { class: "row" },
    make("label", { for: id }, name), input,
    f.given && !f.required ? away(page, f.place, name) : null)];
  if (typeof f.value === "number" || (f.kind === "complex" && Array.isArray(f.value))) parts.push(...slider(page, f, input, name));
  if (wrong) parts.push(make("p", { class: "wrong" }, wrong));
  parts.push(make("p", { class: "doc", id: `${id}-doc` }, f.doc + (f.theories.length === 1 && f.theories[0] === "boltzmann" ? "" : "")));
  replace(box, ...parts);
  return box;
}

function slider(page, f, input, name) {
  const key = JSON.stringify(f.place);
  const ends = ENDS.get(key) ?? { low: f.low, high: f.high };
  const value = Array.isArray(f.value) ? f.value[0] : f.value;
  const log = f.log && ends.low > 0;
  const to = (v) => Math.round(STEPS * (log ? Math.log(v / ends.low) / Math.log(ends.high / ends.low) : (v - ends.low) / (ends.high - ends.low)));
  const from = (s) => (log ? ends.low * (ends.high / ends.low) ** (s / STEPS) : ends.low + ((ends.high - ends.low) * s) / STEPS);
  const start = Math.min(STEPS, Math.max(0, to(value)));
  const shown = (s) => {
    if (s === start && f.raw !== null && typeof f.raw !== "object") return f.raw;
    const number = digits(from(s) / f.factor, 4);
    if (!Array.isArray(f.value)) return written(f, number);
    const imaginary = f.value[1] / f.factor;
    return `${number} ${imaginary < 0 ? "-" : "+"} ${String(Math.abs(imaginary))}j ${f.unit}`;
  };
  const range = make("input", {
    type: "range", id: `r-${f.name}`, min: "0", max: String(STEPS), step: "1", value: String(start),
    "aria-label": `${name}, slider${log ? ", in decades" : ""}`, "aria-valuetext": input.value,
    oninput: () => {
      const text = shown(Number(range.value));
      input.value = String(text);
      range.setAttribute("aria-valuetext", String(text));
      page.hold(f.place, text);
    },
    onchange: () => page.drop(f.place, shown(Number(range.value))),
    onpointerup: () => page.release(),
    onkeyup: () => page.release(),
    onblur: () => page.release(),
  });
  const end = (which) => button(digits(ends[which] / f.factor, 3), () => {
    const given = prompt(`${which === "low" ? "Lowest" : "Highest"} value of the slider of ${name} (${f.unit})`, digits(ends[which] / f.factor, 6));
    const number = Number(given) * f.factor;
    if (given && Number.isFinite(number)) { ENDS.set(key, { ...ends, [which]: number }); page.draw(); }
  }, { id: `${which}-${f.name}`, "aria-label": `${which === "low" ? "lowest" : "highest"} value of the slider of ${name}`, title: "another range" });
  return [range, make("div", { class: "ends" }, end("low"), make("span", {}, `${f.unit === "1" ? "" : f.unit}${log ? " (decades)" : ""}`), end("high"))];
}
