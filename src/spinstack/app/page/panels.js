// Pictures of what the server has computed: curves, maps, bars, tables. Each panel is as old as its own numbers.

import { whenTurned } from "./colours.js";
import { drawCurves } from "./curves.js";
import { button, make, replace, table } from "./make.js";
import { drawMap } from "./maps.js";
import { drawNumbers } from "./numbers.js";
import { bareResiduals, drawResiduals } from "./residuals.js";

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
    for (const key of [...this.panels.keys()]) if (!wanted.includes(key)) { this.bare(this.panels.get(key)); this.panels.delete(key); }
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
    one.below = make("div", { class: "below" });
    one.read = make("p", { class: "read", role: "status", "aria-live": "off" });
    one.halt = button("stop", () => this.halt(one), { "aria-label": `stop computing ${name}`, hidden: true });
    const acts = one.told ? [
      one.halt,
      button("set", () => this.page.requestDialog(one), { "aria-label": `settings of ${name}` }),
      button("export", () => this.page.exportDialog(one), { "aria-label": `export ${name}` }),
      button("×", () => this.page.ask("unask", { index: this.page.state.panels.findIndex((p) => p.panel === one.key) }), { "aria-label": `take ${name} away` }),
    ] : one.key === "sphere" ? [button("×", () => this.page.ask("view", { changes: { sphere: null } }), { "aria-label": "take the sphere away" })] : [];
    one.head = make("header", {}, one.title, one.choice, ...acts);
    replace(one.box, one.head, one.what, one.keys, one.picture, one.read, one.below);
  }

  // everything that is older than this version is shown as old
  age(version) {
    for (const one of this.panels.values()) one.box.classList.toggle("old", one.version !== version);
    this.home.dataset.version = version;
  }

  // a long computation has begun; it may be stopped
  working(head) {
    const one = this.panels.get(head.panel.replace(/\|B\d+$/, ""));
    if (!one) return;
    one.read.textContent = "computing";
    this.halting(one, "stop");
  }

  stopped(head) {
    const one = this.panels.get(head.panel);
    if (!one) return;
    one.read.textContent = one.shown ? "stopped; what is shown is older than the film" : "stopped";
    this.halting(one, "compute");
  }

  halting(one, words) {
    one.halt.hidden = !words;
    one.halt.textContent = words || "stop";
    if (words) one.halt.setAttribute("aria-label", `${words} ${one.title.textContent}`);
  }

  halt(one) { this.page.ask(one.halt.textContent === "stop" ? "stop" : "go_on", { panel: one.key }); }

  take(head, arrays) {
    const key = head.panel.replace(/\|B\d+$/, ""), one = this.panels.get(key);
    if (!one) return;
    if (!head.coarse) this.halting(one, "");
    if (head.panel !== key) {
      this.second.set(head.panel, { ...head, arrays });
    } else {
      one.version = head.version;
      one.box.classList.toggle("old", head.version !== this.page.version || head.coarse);
      one.shown = { ...head, arrays };
      one.box.dataset.version = head.version;
      one.box.dataset.seconds = head.seconds ?? "";
    }
    this.draw(one);
  }

  // files were laid over, or taken away: the same curves with other residuals
  residuals(head, arrays) {
    const one = this.panels.get(head.panel.replace(/\|B\d+$/, ""));
    const shown = one && head.panel !== one.key ? this.second.get(head.panel) : one?.shown;
    if (!shown || shown.version !== head.version) return;
    shown.residuals = head.residuals;
    Object.assign(shown.arrays, arrays);
    this.draw(one);
  }

  // what stands beside the film in a panel: [{of, label, shown}]
  beside(key) {
    return (this.page.state.view.compare ?? []).flatMap(({ label, what }, of) => {
      const shown = this.second.get(`${key}|B${of}`);
      return shown?.data ? [{ of, label: label + (what === "theory" && shown.version !== this.page.version ? " of before" : ""), shown }] : [];
    });
  }

  problemsBeside(key) {
    return (this.page.state.view.compare ?? []).map(({ label }, of) => [label, this.second.get(`${key}|B${of}`)?.problem]).filter(([, p]) => p).map(([label, p]) => `${label}: ${p.message}`);
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
    one.what.textContent = [data.variables[one.variable].words, ...Object.values(data.said), shown.cut, ...this.problemsBeside(one.key)].filter(Boolean).join("; ");
    if (how.picture === "map") drawMap(this, one);
    else if (how.picture === "curves") drawCurves(this, one);
    else drawNumbers(this, one);
    drawResiduals(this, one);
  }

  bare(one) {
    one.plot?.destroy();
    one.plot = null;
    bareResiduals(one);
    replace(one.keys);
    replace(one.choice);
    one.names = "";
    one.what.textContent = "";
    one.read.textContent = "";
  }
}
