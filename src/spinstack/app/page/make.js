// Elements of the page from words: make("button", {type: "button", onclick}, "text", child, ...)

export function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name in made && !name.includes("-") && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return made;
}

export function button(words, onclick, given = {}) {
  return make("button", { type: "button", onclick, ...given }, words);
}

export function svg(tag, given = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

export function replace(home, ...children) {
  home.replaceChildren(...children.filter((c) => c !== null && c !== undefined && c !== false));
}

// a table of text as the server describes it
export function table(one) {
  const word = (k) => (k < one.left ? "word" : null);
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": one.title },
    make("table", {},
      make("caption", {}, one.title),
      make("thead", {}, make("tr", {}, ...one.columns.map((c, k) => make("th", { scope: "col", class: word(k) }, c)))),
      make("tbody", {}, ...one.rows.map((row) => make("tr", {}, ...row.map((c, k) => make("td", { class: word(k) }, c)))))),
    one.caption ? make("p", { class: "what" }, one.caption) : null);
}

// text of a number with as many digits as a slider has
export function digits(value, count = 4) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(count - 1).replace(/\.?0*e\+?/, "e");
  return String(Number(value.toPrecision(count)));
}
