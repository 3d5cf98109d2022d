"""What the tests of analysis files share: a folder of scans, an analysis file of them, a reader of the report."""

from html.parser import HTMLParser

import numpy as np

AMPLITUDES = {"alpha": 8e-4, "beta": 1e-4, "gamma": 9e-4}
FILE = """\
spinstack = 1
title = "a film <3 nm>"
description = "scans & fits"

[common]
sample = "E1"
film_thickness = "3 nm"

[[file]]
path = "alpha.csv"
plane = "alpha"

[[file]]
path = "gamma.csv"
plane = "gamma"

[[step]]
do = "remove_spikes"
threshold = 8

[[step]]
do = "shift_angle"
files = "gamma"
shift = "0 deg"

[[analysis]]
do = "fit_harmonics"
orders = [2]
"""


def write_scan(path, amplitude, temperature=300.0, seed=0, rows=120):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 360, rows)
    R = 100 * (1 + amplitude * np.cos(2 * np.deg2rad(angle))) + 1e-3 * rng.standard_normal(rows)
    R[rows // 3] += 1.0
    lines = [f"{a:.3f},{r:.5f},{temperature}" for a, r in zip(angle, R, strict=True)]
    path.write_text("angle (deg),R_xx (Ohm),temperature (K)\n" + "\n".join(lines) + "\n", encoding="utf-8")


def scans(tmp_path, monkeypatch):
    """A working folder with three scans; writes an analysis file there and gives its path."""
    monkeypatch.chdir(tmp_path)
    for k, (plane, amplitude) in enumerate(AMPLITUDES.items()):
        write_scan(tmp_path / f"{plane}.csv", amplitude, seed=k)

    def write(text=FILE, name="film.toml"):
        text += "" if "[output]" in text else "\n[output]\nfigures = []\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


class Page(HTMLParser):
    """Open elements, addresses, ids and text of a page."""

    VOID = frozenset(("meta", "img", "br", "link"))

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.ids, self.words, self.cells = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.addresses += [attrs[k] for k in ("src", "href") if k in attrs]
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "img":
            assert attrs["alt"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())
