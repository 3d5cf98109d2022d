// Single numbers of a panel as a table.

import { labelsOf } from "./curves.js";
import { digits, replace, table } from "./make.js";

export function drawNumbers(panels, one) {
  const { shown } = one, { data, arrays } = shown;
  one.plot?.destroy();
  one.plot = null;
  replace(one.keys);
  const rows = [], beside = panels.beside(one.key);
  for (const name of shown.how.variables) {
    const { dims, shape, units, words } = data.variables[name], values = arrays[`v:${name}`];
    for (let i = 0; i < Math.min(values.length, 60); i++) {
      let rest = i;
      const labels = dims.map((d, k) => { const size = shape.slice(k + 1).reduce((a, b) => a * b, 1); const n = Math.floor(rest / size); rest %= size; return labelsOf(shown, d, shape[k]).of(n); });
      rows.push([[name, ...labels].join(" "), words, digits(values[i], 6), ...beside.map((b) => digits(b.shown.arrays[`v:${name}`]?.[i] ?? NaN, 6)), units]);
    }
  }
  replace(one.picture, table({ title: one.title.textContent, columns: ["", "what", "value", ...beside.map((b) => b.label), "unit"], rows, left: 2, caption: "" }));
}
