// Questions of the page: what to add, settings of a panel, files to export, how to read a measured file.

import { button, make, replace, table } from "./make.js";

const dialog = () => document.getElementById("dialog");

export function ask(title, ...children) {
  const home = dialog();
  replace(home, make("h2", { id: "asks" }, title), ...children);
  home.setAttribute("aria-labelledby", "asks");
  if (!home.open) home.showModal();
  return home;
}

export const close = () => dialog().close();

export const row = (words, input) => [make("label", { for: input.id }, words), input];
export const select = (id, options, chosen) => make("select", { id }, ...options.map(([v, w]) => make("option", { value: v, selected: v === chosen }, w)));

export function addDialog(page) {
  const { kinds, materials, interfaces } = page.vocabulary;
  const kind = select("add-kind", Object.keys(kinds).filter((k) => k !== "interface").map((k) => [k, k.replaceAll("_", " ")]), "metal");
  const material = make("select", { id: "add-material" }), name = make("input", { type: "text", id: "add-name" });
  const thickness = make("input", { type: "text", id: "add-thickness", value: "5 nm" });
  const contact = select("add-contact", [["interface", "with an interface of numbers"], ...interfaces.map((i) => [`=${i}`, `as ${i} of the library`]), ["", "in perfect contact"]], "interface");
  const where = select("add-where", [["top", "on top"], ["bottom", "at the bottom"]], "top");
  const about = make("div");
  const known = () => {
    replace(material, make("option", { value: "" }, "numbers of my own"), ...(materials[kind.value] ?? []).map((m) => make("option", { value: m }, m)));
    name.value = kinds[kind.value].name ?? "";
    thickness.disabled = !("thickness" in kinds[kind.value]);
    thickness.value = kinds[kind.value].thickness ?? "";
    replace(about);
  };
  kind.addEventListener("change", known);
  let found = null;
  material.addEventListener("change", async () => {
    found = null;
    replace(about);
    if (!material.value) return;
    found = await page.ask("material", { name: material.value, kind: kind.value });
    if (!found) return;
    name.value = found.table.name;
    replace(about, make("p", {}, found.description), table({
      title: "what the library knows", columns: ["field", "value", "T (K)", "source"], left: 4, caption: found.missing.length ? `not known, and to be set: ${found.missing.join(", ")}` : "",
      rows: found.rows.map((r) => [r.field, r.value, r.temperature === null ? "" : String(r.temperature), r.source + (r.verified ? "" : " (not read in the source)")]),
    }));
  });
  known();
  const add = async () => {
    const layer = { ...(found && material.value ? found.table : kinds[kind.value]) };
    if (name.value) layer.name = name.value;
    if (!thickness.disabled && thickness.value) layer.thickness = thickness.value;
    const joined = contact.value && page.state.page.elements.length && layer.kind !== "vacuum";
    const magnetic = layer.kind !== "metal" || page.state.page.elements.some((e) => e.magnetic);
    let between = null;
    if (joined) {
      between = contact.value.startsWith("=")
        ? (await page.ask("material", { name: contact.value.slice(1), kind: "interface" }))?.table
        : { ...kinds.interface, ...(magnetic ? {} : { conductance_up: "5e14 S/m^2", conductance_down: "5e14 S/m^2" }) };
      if (!between) return; // what is wrong with it is said
      if (!magnetic) delete between.mixing_conductance;
    }
    const elements = where.value === "top" ? [between, layer] : [layer, between];
    if (await page.ask("add", { elements: elements.filter(Boolean), position: where.value === "top" ? null : 0 }, true)) close();
  };
  ask("Add a layer",
    make("div", { class: "grid" }, ...row("kind", kind), ...row("material", material), ...row("name", name), ...row("thickness", thickness), ...row("where", where), ...row("contact", contact)),
    about, make("div", { class: "ends" }, button("Cancel", close), button("Add", add, { class: "main", id: "add-do" })));
}

export function requestDialog(page, one) {
  const text = make("textarea", { id: "asked", rows: "9", cols: "60", spellcheck: "false" });
  text.value = JSON.stringify(one.told.table ?? {}, null, 1);
  ask(`Settings of ${one.told.name.replaceAll("_", " ")}`,
    make("label", { for: "asked" }, `The table [[${one.told.word}]] of the sample file; "spinstack help ${one.told.word}" lists its keys`), text,
    make("div", { class: "ends" }, button("Cancel", close), button("Set", async () => {
      let table;
      try { table = JSON.parse(text.value); } catch { page.alert("That is no table in JSON."); return; }
      const old = one.told.table ?? {}, place = one.told.place;
      if (!place.length) { if (await page.ask("ask", { word: one.told.word, table }, true)) close(); return; }
      const values = [...new Set([...Object.keys(old), ...Object.keys(table)])].filter((k) => JSON.stringify(old[k]) !== JSON.stringify(table[k])).map((k) => [[...place, k], table[k] ?? null]);
      if (!values.length || (await page.set(values))) close();
    }, { class: "main" })));
}

export function askDialog(page) {
  const { requests } = page.vocabulary, option = (r) => make("option", { value: r.word }, `${r.words} (${r.word})`);
  const what = make("select", { id: "ask-what" },
    make("optgroup", { label: "of the film" }, make("option", { value: "sphere" }, "torque for every direction of m (sphere)"), ...requests.filter((r) => !r.moves).map(option)),
    make("optgroup", { label: "of magnets that move" }, ...requests.filter((r) => r.moves).map(option)));
  const numbers = page.state.page.elements.flatMap((e) => e.fields.filter((f) => typeof f.value === "number" && f.place.length === e.place.length + 1)
    .map((f) => [`${e.label}.${f.name}`, f]));
  const over = (id) => select(id, [["", "–"], ...numbers.map(([p]) => [p, p])], "");
  const first = over("over-1"), second = over("over-2");
  const maps = make("div", { class: "grid", hidden: true }, ...row("over", first), ...row("and over", second));
  const text = make("textarea", { id: "ask-table", rows: "9", cols: "60", spellcheck: "false" });
  const settings = make("div", {}, make("label", { for: "ask-table" }, "its settings, as a table of the sample file"), text);
  const hint = make("p", { class: "problem" }), wrong = make("p", { class: "problem", role: "alert" });
  const chosen = () => requests.find((r) => r.word === what.value);
  const turned = () => {
    const r = chosen();
    maps.hidden = what.value !== "map";
    settings.hidden = !r || what.value === "map";
    if (r) text.value = JSON.stringify(r.table, null, 1);
    hint.textContent = r?.moves && !page.state.page.magnets.length ? "No magnet of the film moves yet: close this and choose \"Let magnets move\" below the film." : "";
    wrong.textContent = "";
  };
  what.addEventListener("change", turned);
  turned();
  ask("Show", make("div", { class: "grid" }, ...row("what", what)), maps, settings, hint, wrong,
    make("div", { class: "ends" }, button("Cancel", close), button("Show", async () => {
      if (what.value === "sphere") { if (await page.ask("view", { changes: { sphere: true } }, true)) close(); return; }
      let table;
      try { table = what.value === "map" ? structuredClone(chosen().table) : JSON.parse(text.value); } catch (error) { wrong.textContent = `its settings: no table in JSON (${error.message}).`; return; }
      if (what.value === "map") {
        const range = (path) => { const f = numbers.find(([p]) => p === path)[1]; return { start: `${f.low / f.factor} ${f.unit}`.replace(/ 1$/, ""), stop: `${f.high / f.factor} ${f.unit}`.replace(/ 1$/, ""), points: second.value ? 41 : 121 }; };
        table.over = Object.fromEntries([first.value, second.value].filter(Boolean).map((p) => [p, range(p)]));
      }
      if (await page.ask("ask", { word: what.value, table }, true)) close();
      else wrong.textContent = page.wrong?.message ?? "";
    }, { class: "main", id: "ask-do" })));
}

export function exportDialog(page, one) {
  const get = (what, form) => async () => { if (await page.ask("export", { what, panel: one?.key ?? "", form, variable: one?.variable ?? "" }, true)) close(); };
  ask("Export", make("div", { class: "ends" },
    ...(one ? ["png", "pdf", "svg"].map((f) => button(`${f.toUpperCase()} figure`, get("figure", f))) : ["png", "pdf", "svg"].map((f) => button(`film, ${f.toUpperCase()}`, get("film", f)))),
    one ? button("CSV numbers", get("table", "csv")) : null,
    button("sample file", get("sample", "toml")), button("Python script", get("script", "py"), { id: "export-script" }), button("session", get("session", "json")), button("Close", close)));
}

const PLANES = [["alpha", "α (x to y)"], ["beta", "β (y to z)"], ["gamma", "γ (x to z)"]];

export function fileDialog(page, seen) {
  const columns = [["", "–"], ...seen.columns.map((c) => [c.name || `#${c.number}`, `${c.name || `column ${c.number}`}${c.unit ? ` [${c.unit}]` : ""}${c.role ? ` (taken for ${c.role})` : ""}`])];
  const role = (...names) => seen.columns.find((c) => names.includes(c.role))?.name ?? "";
  const axis = select("file-axis", [["angle", "angle"], ["field", "field"], ["temperature", "temperature"]], role("angle") ? "angle" : role("field") && !role("angle") ? "field" : "angle");
  const x = select("file-x", columns, role("angle", "field", "temperature")), ux = make("input", { type: "text", id: "file-ux", placeholder: "unit, if the file has none" });
  const reading = select("file-reading", [["R_xx", "R_xx"], ["R_xy", "R_xy"], ["V_xx", "V_xx (voltage)"], ["V_xy", "V_xy (voltage)"]], role("V_xx", "V_xy") ? "V_xx" : "R_xx");
  const y = select("file-y", columns, role("R_xx", "R_xy", "V_xx", "V_xy")), uy = make("input", { type: "text", id: "file-uy", placeholder: "unit, if the file has none" });
  const plane = select("file-plane", [["", "–"], ...PLANES], "");
  const current = make("input", { type: "text", id: "file-current", placeholder: "of a voltage, e.g. 0.1 mA" });
  const clock = select("file-clock", columns, role("time"));
  const turns = make("input", { type: "text", id: "file-turns", placeholder: "where no angle is recorded: turns in the file" });
  const zero = make("input", { type: "text", id: "file-zero", placeholder: "angle at the beginning, deg" });
  const scale = make("input", { type: "text", id: "file-scale", value: "1" });
  const lay = async () => {
    if (!Number.isFinite(Number(scale.value)) || !Number(scale.value)) { page.alert(`times: got ${scale.value}, which is no number; write 1.5 with a point.`); return; }
    const column = (name, unit) => (unit ? { column: name, unit } : name);
    const made = {}, steps = [];
    if (x.value) made[axis.value] = column(x.value, ux.value);
    if (clock.value) made.time = column(clock.value, "");
    if (y.value) made[reading.value] = column(y.value, uy.value);
    if (turns.value) steps.push({ do: "set_angle", turns: Number(turns.value), zero: Number(zero.value || 0) });
    const constants = current.value ? { current: current.value } : undefined;
    const options = { axis: axis.value, reading: reading.value, plane: plane.value || undefined, columns: made, constants, steps, scale: Number(scale.value) };
    if (await page.ask("overlay", { name: seen.name, options: JSON.parse(JSON.stringify(options)) }, true)) close();
  };
  ask(`Lay ${seen.name} over the curves`,
    make("p", {}, seen.results ? "Results of spinstack analyze." : `${seen.format.replaceAll("_", " ") || "no known format"}, ${seen.rows} rows of ${seen.columns.length} columns. ${seen.warnings.join(" ")}`),
    seen.results ? null : make("div", { class: "grid" }, ...row("against", axis), ...row("column of it", x), ...row("its unit", ux), ...row("reading", reading), ...row("column of it", y), ...row("its unit", uy),
      ...row("plane", plane), ...row("current", current), ...row("time column", clock), ...row("turns", turns), ...row("first angle", zero), ...row("times", scale)),
    make("div", { class: "ends" }, button("Cancel", close), button("Lay over", lay, { class: "main", id: "file-do" })));
}
