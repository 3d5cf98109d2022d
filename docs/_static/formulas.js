// A formula that is wider than its column is set smaller, down to 60 %; what is wider still scrolls in its own box.
function fitted() {
  for (const formula of document.querySelectorAll("mjx-container[display]")) {
    formula.style.fontSize = "";
    const room = formula.clientWidth / formula.scrollWidth;
    if (room < 1) formula.style.fontSize = `${Math.max(room * 0.98, 0.6) * parseFloat(getComputedStyle(formula).fontSize)}px`;
  }
}
addEventListener("load", () => window.MathJax && MathJax.startup.promise.then(fitted));
addEventListener("resize", fitted);
