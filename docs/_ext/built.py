"""What has to hold of the built site; what does not is a warning, and so fails the build.

Nothing comes from another host, no number has more digits than people write, no object stands there as its ``repr``,
no page stands twice in the navigation, and every field of every public class is told.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from parameters import fields
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
#: whose names are public
ROOMS = ("spinstack", "spinstack.measure", "spinstack.measure.readers", "spinstack.study", "spinstack.scattering",
         "spinstack.materials")  # fmt: skip
_LOADED_BY_SHEET = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)")
_FOREIGN = re.compile(r"(?:https?:)?//")
_UNREADABLE = {
    "a number of too many digits": re.compile(r"(?<![\w.])(?:\d+\.\d{11,}|\d{13,}(?!\w))"),
    "a numbered formula of several lines, which MathJax refuses": re.compile(
        r"\\begin\{split\}(?:(?!\\end\{split\}).)*\\tag\{", re.DOTALL
    ),
    "an object as its repr": re.compile(
        r"\bat 0x[0-9a-f]{4,}|<(?:class|function|module|factory|object)\b|ForwardRef\("
    ),
}


class Page(HTMLParser):
    """The text of a page, what it loads, where its navigation leads, and what its lists of parameters name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.loads: list[str] = []
        self.navigation: list[str] = []
        self.told: dict[str, set[str]] = {}
        self._silent = self._strong = 0
        self._thing = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._silent += tag in ("script", "style", "svg")
        self._strong += tag == "strong"
        if tag == "dt" and given.get("id", "").startswith("spinstack."):
            self._thing = given["id"]
            self.told.setdefault(self._thing, set())
        if tag == "a" and given.get("class", "").startswith("reference internal"):
            self.navigation.append(given["href"])
        elif tag != "a":
            self.loads += [given[name] for name in ("src", "href", "data", "poster") if name in given]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "svg")
        self._strong -= tag == "strong"

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
        if self._strong and self._thing:
            self.told[self._thing].add(data)


def navigation(text: str) -> Counter[str]:
    """How often the navigation leads to each page."""
    _, _, rest = text.partition('<div class="sidebar-tree">')
    return Counter(Page(rest.partition("</div>")[0]).navigation)


def look(app: Sphinx, exception: Exception | None) -> None:
    """Warn of everything that does not hold."""
    if exception is not None or app.builder.format != "html":
        return
    told: dict[str, set[str]] = {}
    out = Path(app.outdir)
    for sheet in out.joinpath("_static").rglob("*.css"):
        for url in _LOADED_BY_SHEET.findall(sheet.read_text(encoding="utf-8")):
            logger.warning("%s loads %s", sheet.name, url)
    for name in sorted(app.env.found_docs | {"genindex", "search"}):
        text = (out / f"{name}.html").read_text(encoding="utf-8")
        page = Page(text)
        told |= page.told
        for url in filter(_FOREIGN.match, page.loads):
            logger.warning("%s loads %s", name, url)
        for what, form in _UNREADABLE.items():
            if found := form.search("".join(page.text)):
                logger.warning("%s shows %s: %s", name, what, found[0])
    for page_name, times in navigation((out / "index.html").read_text(encoding="utf-8")).items():
        if times > 1:
            logger.warning("%s stands %d times in the navigation", page_name, times)
    ids = {thing.rpartition(".")[2]: names for thing, names in told.items()}
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in module.__all__:
            kind = getattr(module, name)
            if inspect.isclass(kind) and (missing := [f for f in fields(kind) if f not in ids.get(name, ())]):
                logger.warning("%s.%s: told nowhere: %s", room, name, ", ".join(missing))
            elif inspect.isclass(kind) and name not in ids:
                logger.warning("%s.%s stands on no page", room, name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
