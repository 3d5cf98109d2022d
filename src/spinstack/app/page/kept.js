// What a tab keeps while it is open; in a frame of another page browsers may allow nothing, and then it is forgotten on loading again.

const own = new Map();

export function recall(name) {
  try { return sessionStorage.getItem(name) ?? own.get(name) ?? null; } catch { return own.get(name) ?? null; }
}

export function keep(name, value) {
  own.set(name, value);
  try { sessionStorage.setItem(name, value); } catch { /* kept above */ }
}
