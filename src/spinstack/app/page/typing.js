// A field that is being typed into keeps its text while the page is drawn anew: another tab may have edited the film.

export class Typing {
  constructor(alert) {
    Object.assign(this, { alert, field: null, drawing: false });
    document.addEventListener("input", (e) => { if (isText(e.target)) this.field = e.target; }, true);
    document.addEventListener("focusout", () => { if (!this.drawing) this.field = null; }, true);
    // a browser takes a field that is removed for one that was left; half a word is nothing to set
    document.addEventListener("change", (e) => { if (this.drawing) e.stopImmediatePropagation(); else this.field = null; }, true);
  }

  over(draw) {
    const field = this.field === document.activeElement ? this.field : null;
    const was = field && { id: field.id, text: field.value, from: field.selectionStart, to: field.selectionEnd, of: whose(field) };
    this.drawing = true;
    try { draw(); } finally { this.drawing = false; }
    if (!was) return;
    this.field = null;
    const again = document.getElementById(was.id);
    if (!again || whose(again) !== was.of) { this.alert(`"${was.text}" was being typed for ${was.of}, which is another now.`); return; }
    again.value = was.text;
    again.focus();
    again.setSelectionRange(was.from, was.to);
    this.field = again;
    this.tells(again);
  }

  // a browser says nothing of text that it did not see typed when the field is left
  tells(field) {
    let told = false;
    field.addEventListener("change", () => { told = true; });
    const tell = () => {
      if (told || this.drawing || field.value === field.defaultValue) return;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    field.addEventListener("blur", tell);
    field.addEventListener("keydown", (e) => { if (e.key === "Enter") setTimeout(tell); });
  }
}

const isText = (e) => e.id && !e.closest("dialog") && (e.tagName === "TEXTAREA" || (e.tagName === "INPUT" && e.type === "text"));

// of what the field is: a layer that moved up has the place of another
function whose(field) {
  return field.closest("#fields") ? document.getElementById("chosen").textContent : field.getAttribute("aria-label") ?? "";
}
