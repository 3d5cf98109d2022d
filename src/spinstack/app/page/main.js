// The page: one state from the server, what is held by a slider, and everything that is drawn from it.

import { Socket } from "./socket.js";
import { keep, recall } from "./kept.js";
import { button, make, replace } from "./make.js";
import { drawAdding, drawList, drawProblems, drawSection, same } from "./film.js";
import { drawMagnets } from "./magnets.js";
import { drawFields } from "./fields.js";
import { Typing } from "./typing.js";
import { besideBar } from "./beside.js";
import { Panels } from "./panels.js";
import { Data, upload } from "./data.js";
import { ask as askUser, askDialog, close, exportDialog, requestDialog } from "./dialogs.js";

const at = (id) => document.getElementById(id);

class Page {
  constructor() {
    Object.assign(this, { state: null, version: -1, chosen: null, showsAll: false, wrong: null, holding: null, held: null, vocabulary: null });
    this.panels = new Panels(at("panels"), this);
    this.data = new Data(at("data"), this);
    this.typing = new Typing((text) => this.alert(text));
    const token = location.hash.slice(1) || recall("spinstack-token");
    if (!token) { this.say("This address has no key: open the one that the terminal shows."); return; }
    keep("spinstack-token", token);
    this.socket = new Socket(token, (head, arrays) => this.take(head, arrays), (what, found) => this.connected(what, found));
    document.addEventListener("keydown", (e) => this.key(e));
    for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (e) => this.dropped(e, kind));
  }

  connected(what, found) {
    if (what === "open") {
      this.vocabulary = found;
      this.panels.overlays.clear();
      this.data.fit.found = null;
      this.live = false;
      this.draw();
    }
    this.say(what === "open" ? "" : "The program does not answer; trying again.");
    document.body.dataset.connected = what;
  }

  take(head, arrays) {
    if (head.do === "state") {
      this.state = head;
      this.version = head.version;
      if (!this.holding) this.draw();
      this.panels.lay(head);
    } else if (head.do === "held") {
      this.version = head.version;
      this.panels.age(head.version);
    } else if (head.do === "panel") this.panels.take(head, arrays);
    else if (head.do === "residuals") this.panels.residuals(head, arrays);
    else if (head.do === "working") this.panels.working(head);
    else if (head.do === "stopped") this.panels.stopped(head);
    else if (head.do === "overlay") { this.panels.overlays.set(head.name, { ...head, x: arrays.x, y: arrays.y }); this.panels.all(); }
    else if (head.do === "fit") this.data.take(head);
    else if (head.do === "file") this.download(head, arrays.content);
  }

  // an answer, or undefined where it was refused, which the page then says; `plain`: null answers become true
  async ask(name, values = {}, plain = false, body = null) {
    try {
      const found = await this.socket.ask(name, values, body);
      this.wrong = null;
      replace(at("alerts"));
      return plain ? found ?? true : found;
    } catch (problem) {
      this.wrong = problem;
      this.alert(problem.message);
      if (this.state) this.draw();
      return undefined;
    }
  }

  set(values) { return this.ask("set", { values }, true); }

  // a slider moves: one message is under way, and the newest value waits
  hold(place, value) {
    this.held = [[place, value]];
    this.live = true;
    if (this.holding) return;
    this.holding = (async () => {
      while (this.held) {
        const values = this.held;
        this.held = null;
        try { await this.socket.ask("hold", { values }); } catch (problem) { this.say(problem.message); }
      }
      this.holding = null;
    })();
  }

  async drop(place, value) {
    this.live = false;
    await this.holding;
    this.holding = null;
    await this.set([[place, value]]);
    this.draw();
  }

  // let go where it had begun, of which browsers tell nothing
  async release() {
    await new Promise((done) => setTimeout(done, 50));
    if (!this.live) return;
    this.live = false;
    await this.holding;
    await this.ask("release");
    this.draw();
  }

  choose(place) {
    this.chosen = place;
    this.draw();
  }

  wrongAt(place) {
    return this.wrong && same(this.wrong.place, place) ? this.wrong.short : "";
  }

  repeat(e) {
    const at = e.place[1], count = Number(prompt("How often?", String(Math.max(2, e.count))));
    if (Number.isInteger(count) && count > 0) this.ask("repeat", { first: at, last: at, count });
  }

  requestDialog(one) { requestDialog(this, one); }
  exportDialog(one) { exportDialog(this, one); }

  draw() {
    if (this.state && this.vocabulary) this.typing.over(() => this.drawAll());
  }

  drawAll() {
    const rows = [...this.state.page.magnets, ...this.state.page.elements];
    if (!rows.some((e) => same(e.place, this.chosen))) this.chosen = rows.length ? rows[rows.length - 1].place : null;
    const focus = document.activeElement?.id, from = document.activeElement?.selectionStart;
    at("file").textContent = [this.state.file ?? this.state.page.title, this.state.saved || !this.state.file ? "" : "(changed)"].join(" ");
    document.title = `${this.state.page.title || "film"} – spinstack`;
    this.tools();
    drawAdding(at("adding"), this);
    drawSection(at("section"), this);
    drawList(at("film"), this);
    drawMagnets(at("magnetic"), this);
    drawProblems(at("problems"), this);
    drawFields(at("fields"), at("chosen"), this);
    this.asking();
    this.data.draw();
    if (focus) { const again = at(focus); if (again && again !== document.activeElement) { again.focus(); if (from !== undefined && from !== null && again.setSelectionRange && again.type === "text") again.setSelectionRange(from, from); } }
    document.body.dataset.version = this.state.version;
  }

  tools() {
    const s = this.state;
    replace(at("tools"),
      button("Undo", () => this.ask("undo"), { disabled: !s.canUndo, title: s.undo, id: "undo" }),
      button("Redo", () => this.ask("redo"), { disabled: !s.canRedo, title: s.redo, id: "redo" }),
      s.file ? button("Save", () => this.ask("save").then((n) => n && this.say(`${n} is written.`)), { id: "save" }) : null,
      button("Export", () => exportDialog(this, null), { id: "export" }),
      button("New", () => this.fresh(), { id: "new" }));
  }

  async fresh() {
    const kept = (await this.ask("earlier")) ?? [];
    const take = (name, values) => async () => { if (await this.ask(name, values, true)) close(); };
    askUser("Begin with",
      make("div", { class: "ends" }, button("an empty page", take("new", { template: "" })), button("metal and magnet", take("new", { template: "bilayer" })),
        button("metal on an insulator", take("new", { template: "insulator" })), button("a magnet that moves", take("new", { template: "torque" }))),
      kept.length ? make("h3", {}, "Earlier") : null,
      make("ul", { class: "key" }, ...kept.slice(0, 12).map((k) => make("li", {}, button(`${k.title}, ${new Date(k.time * 1000).toLocaleString()} (${k.steps} steps)`, take("resume", { name: k.name }))))),
      make("div", { class: "ends" }, button("Close", close)));
  }

  asking() {
    replace(at("asking"), button("Show more", () => askDialog(this), { id: "ask" }), ...besideBar(this));
  }

  key(e) {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || /^(text|)$/.test(e.target.type ?? "x") && e.target.tagName === "INPUT" || e.target.tagName === "TEXTAREA") return;
    const name = e.key.toLowerCase();
    if (name === "z") { e.preventDefault(); this.ask(e.shiftKey ? "redo" : "undo"); }
    if (name === "y") { e.preventDefault(); this.ask("redo"); }
    if (name === "s" && this.state?.file) { e.preventDefault(); this.ask("save"); }
  }

  async dropped(e, kind) {
    e.preventDefault();
    document.body.classList.toggle("drop", kind === "dragover");
    if (kind === "drop") for (const file of e.dataTransfer.files) await upload(this, file);
  }

  download(head, content) {
    const bytes = new Uint8Array(content.buffer, content.byteOffset, head.bytes);
    const link = make("a", { download: head.name });
    link.href = URL.createObjectURL(new Blob([bytes], { type: head.type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  say(text) { at("status").textContent = text; }

  alert(text) { replace(at("alerts"), make("span", {}, text), button("dismiss", () => replace(at("alerts")))); }
}

window.page = new Page();
