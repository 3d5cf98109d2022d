// Colours that stay apart for colour-blind readers (Okabe and Ito), and a map for signed and unsigned numbers.

const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#a8508a", "#8a6a00", "#2f8fc4", "#555555"];
const DARK = ["#6ab8f0", "#ff8a3d", "#3fd0a4", "#e9a3cf", "#e8c048", "#9bd8ff", "#c0c0c0"];
const dark = matchMedia("(prefers-color-scheme: dark)");

export const colour = (k) => (dark.matches ? DARK : LIGHT)[k % LIGHT.length];
export const ink = () => getComputedStyle(document.documentElement).getPropertyValue("--soft").trim();
export const grid = () => getComputedStyle(document.documentElement).getPropertyValue("--grid").trim();
export const whenTurned = (redraw) => dark.addEventListener("change", redraw);

const SIGNED = [[5, 48, 97], [67, 147, 195], [247, 247, 247], [214, 96, 77], [103, 0, 31]];
const PLAIN = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

// share from 0 to 1 as red, green, blue
export function heat(share, signed) {
  const stops = signed ? SIGNED : PLAIN, at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const k = Math.min(stops.length - 2, Math.floor(at)), f = at - k;
  return stops[k].map((c, i) => Math.round(c + f * (stops[k + 1][i] - c)));
}
