"""Figures and scripts that leave the page have what stands beside the film, as the screen has it."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import xarray as xr

from spinstack.app import commands, computing, connection, export
from spinstack.app.session import MOST_BESIDE, Session, Sessions, State
from spinstack.figures.beside import DASHES
from spinstack.figures.style import COLOURS
from spinstack.study.film import answer

EXAMPLES = Path(__file__).parents[2] / "examples"
BILAYER = (EXAMPLES / "ruo2_py.toml").read_text(encoding="utf-8").split("# ---- resistance")[0]
SCAN = '\n[[scan]]\nplane = "alpha"\nangles = { start = "0 deg", stop = "360 deg", points = 13 }\n'
ONE = """spinstack = 1
title = "Py"

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "5 nm"
conductivity = "4e6 S/m"
polarization = 0.4
spin_diffusion_length = "3.6 nm"
dephasing_length = "1 nm"
fermi_wavevector = "13.6 1/nm"

[[profile]]
points = 11
m = "y"
"""


def page(asked=SCAN):
    made = connection.Connection(SimpleNamespace(), Sessions(), "key")
    made.session = Session(states=[State(BILAYER + asked)])
    commands.beside.compare(made, "film", "as it was $x$")
    commands.film.set_(made, [[["film", 0, "thickness"], "9 nm"]])
    return made


def figure(made, monkeypatch, variable=""):
    """The figure of the first panel, and the panels with what stands beside."""
    drawn = []
    monkeypatch.setattr(export, "_drawn", lambda one, form: drawn.append(one) or b"")
    panels = computing.Computing(made.session, None).panels()
    export.made(export.Shown.of(made.session), "figure", panels[0].key, "png", variable)
    return drawn[0], [p.request for p in panels if p.home == panels[0].key]


def words(one):
    return [text.get_text() for legend in one.legends for text in legend.get_texts()]


def test_a_figure_has_the_curve_of_every_film_in_its_dashes_with_its_label(monkeypatch):
    made = page()
    commands.beside.compare(made, "film", "thick")
    commands.film.set_(made, [[["film", 0, "thickness"], "12 nm"]])
    drawn, requests = figure(made, monkeypatch, "R_xx")
    (axes,) = drawn.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 13]
    assert [line.get_color() for line in lines] == list(COLOURS[:3])
    assert [line.is_dashed() for line in lines] == [False, True, True]
    assert words(drawn) == ["this film", r"as it was \$x\$", "thick"]
    values = np.array([answer(r)["R_xx"].values.ravel() for r in requests])
    shown = np.array([line.get_ydata() for line in lines])
    # one unit and one base for all
    np.testing.assert_allclose(
        np.ptp(shown) * (values - values[0, 0]), np.ptp(values) * (shown - shown[0, 0]), atol=1e-9
    )
    drawn.canvas.draw()


def test_several_curves_keep_their_colours_and_films_differ_by_their_dashes(monkeypatch):
    drawn, _ = figure(page(SCAN.replace('"alpha"', '["alpha", "beta"]')), monkeypatch, "R_xx")
    lines = [line for line in drawn.axes[0].lines if len(line.get_xdata()) == 13]
    assert [line.get_color() for line in lines] == [*COLOURS[:2], *COLOURS[:2]]
    assert words(drawn) == ["alpha", "beta", r"alpha, as it was \$x\$", r"beta, as it was \$x\$"]


def test_maps_have_one_scale_of_colours_and_single_numbers_stand_beside_each_other(monkeypatch):
    over = '[map.over."RuO2.thickness"]\nstart = "2 nm"\nstop = "9 nm"\npoints = 4\n'
    over += '[map.over."Py.thickness"]\nstart = "2 nm"\nstop = "9 nm"\npoints = 3\n'
    asked = f'\n[[map]]\nobservable = {{ name = "magnetoresistance", plane = "beta" }}\n{over}'
    made = page(asked)
    commands.film.set_(made, [[["film", 0, "spin_diffusion_length"], "9 nm"]])
    drawn, _ = figure(made, monkeypatch)
    maps = [axes.collections[0] for axes in drawn.axes if axes.collections and axes.get_title()]
    assert [one.axes.get_title() for one in maps] == ["this film", r"as it was \$x\$"]
    assert maps[0].get_clim() == maps[1].get_clim()
    assert np.ptp(maps[0].get_array() - maps[1].get_array()) > 0
    drawn.canvas.draw()
    drawn, (own, other) = figure(page('\n[[layer_currents]]\nm = "y"\n'), monkeypatch, "sheet_current")
    first, second = drawn.axes[0].containers
    for boxes, request in ((first, own), (second, other)):
        values = np.ravel(answer(request)["sheet_current"].values)
        heights = np.array([box.get_height() for box in boxes])
        np.testing.assert_allclose(heights * np.abs(values).max(), values * np.abs(heights).max(), rtol=1e-9)
    assert words(drawn) == ["this film", r"as it was \$x\$"]


def test_without_anything_beside_figure_and_script_are_as_they_were(monkeypatch):
    made = page()
    commands.beside.uncompare(made, 0)
    drawn, _ = figure(made, monkeypatch)
    assert len(drawn.axes) == 3
    script = export.made(export.Shown.of(made.session), "script", "", "py")[1].decode()
    assert "beside" not in script
    compile(script, "script", "exec")


def test_the_script_computes_and_draws_what_stands_beside(tmp_path):
    made = page()
    made.session = Session(states=[State(ONE)])
    commands.beside.compare(made, "film", "as it \\ was {x}")
    commands.film.set_(made, [[["film", 0, "thickness"], "9 nm"]])
    commands.beside.compare(made, "theory", "Boltzmann's {x}")
    name, content, _ = export.made(export.Shown.of(made.session), "script", "", "py")
    (tmp_path / name).write_bytes(content)
    done = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    stem = f"{name.removesuffix('.py')}_profile"
    assert (tmp_path / f"{stem}.png").stat().st_size > 10_000
    shown = [p.request for p in computing.Computing(made.session, None).panels() if p.request]
    ends = {None: "", 0: "_beside_0", 1: "_beside_1"}
    for one, end in zip(shown, ends.values(), strict=True):
        with xr.open_dataset(tmp_path / f"{stem}{end}.nc", engine="h5netcdf") as found:
            expected = answer(one)["Q"].values
            np.testing.assert_allclose(found["Q"].values, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


def test_a_theory_that_refuses_the_film_has_no_curve_and_stops_nothing(monkeypatch):
    made = page()
    commands.beside.compare(made, "theory", "Boltzmann")
    drawn, _ = figure(made, monkeypatch, "R_xx")
    assert words(drawn) == ["this film", r"as it was \$x\$"]


def test_every_film_beside_has_dashes_of_its_own():
    assert len(set(DASHES)) == MOST_BESIDE
