"""Names and titles in figures are drawn as they are written: no mathematics, no controls, whatever they hold."""

from functools import partial

import matplotlib.text
import numpy as np
import pytest
import xarray as xr
from matplotlib.cbook import is_math_text

import spinstack as ss
from spinstack import figures
from spinstack.figures import scattering

NM = 1e-9
NAMES = ["$\\frac{$", "a$x$ { \\ 100 % 膜 😀 x_1^2 <b>&amp;"]


def film(name):
    magnet = ss.WeissMagnet(
        spin=2, surface_density=3e18, curie_temperature=20, exchange_coupling=1e-48, density_of_states=5e46
    )
    return (
        ss.MagneticInsulator(f"F{name}", magnet=magnet)
        | ss.Metal(f"Pt{name}", thickness=3 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
        | ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
        | ss.Ferromagnet(f"Co{name}", thickness=1 * NM, conductivity=4e6, spin_diffusion_length=8 * NM)
    )


def results(name):
    """What is drawn, and the function that draws it."""
    one = film(name)
    at = {"m": (0, 1, 0), "T": 10.0}
    path, other = f"Pt{name}.thickness", f"Co{name}.thickness"
    observable = partial(ss.average_spin_current, layer=f"Pt{name}", **at)
    line = ss.sweep(one, {path: [1 * NM, 2 * NM]}, observable)["average_spin_current"][..., 0]
    area = ss.sweep(one, {path: [NM, 2 * NM], other: [NM, 2 * NM]}, observable)["average_spin_current"][..., 0]
    m = np.stack([np.zeros(3), np.cos([0, 1, 2]), np.sin([0, 1, 2])], -1)
    turned = ss.torque(one, m=m, T=10.0).rename(batch_0="angle").assign_coords(angle=[0.0, 57.0, 115.0])
    scan = xr.Dataset(
        {"R_xx": ("point", [1.0, 2, 1, 2, 1]), f"R_{name}": ("point", [1.0, 2, 1, 2, 1])},
        coords={n: ("point", np.linspace(-1, 1, 5)) for n in ("angle", "field", "temperature")},
        attrs={"plane": name},
    )
    scan[f"R_{name}"].attrs = {"units": name, "long_name": name}
    parameters = xr.Dataset(
        {n: (("run", "parameter"), np.array([[1.0, 2.0], [2.0, 3.0]])) for n in ("value", "error")}
        | {n: ("parameter", ["1", "1"]) for n in ("unit", "words")},
        coords={"parameter": [f"{name}1", f"{name}2"], "run": [f"{name}3", f"{name}4"]},
    )
    several = {f"{name}5": scan, f"{name}6": scan}
    yield figures.draw_film, one
    yield figures.sweep_curve, line
    yield figures.sweep_map, area
    yield figures.torque, turned
    yield figures.profile, ss.profile(one, **at)
    yield figures.face_conductances, ss.face_conductances(one, B=[0.0, 1.0], T=[5.0, 10.0])
    yield figures.field_scan, ss.field_scan(one, field=[0.0, 1.0], direction="z", **at)
    yield figures.measured_angles, several
    yield figures.measured_polar, several
    yield figures.measured_sweep, several
    yield partial(figures.measured_temperature, reading=f"R_{name}"), several
    yield partial(figures.measured_curve, against="angle", reading=f"R_{name}"), several
    yield partial(figures.measured_cleaning, scan), scan
    yield figures.measured_table, parameters
    yield scattering.fermi_disc, ss.DeltaBarrier(barrier=0.4, exchange=0.2, fermi_wavevector=1e10)


@pytest.mark.study
@pytest.mark.parametrize("name", NAMES)
def test_names_and_titles_are_drawn_as_they_are(name, tmp_path):
    drawn = 0
    for draw, data in results(name):
        figure = draw(data, title=f"title {name}")
        figures.save(figure, tmp_path / "figure", ("svg",))
        texts = [t for t in figure.findobj(matplotlib.text.Text) if t.get_text()]
        (above,) = [t.get_text() for t in texts if t.get_text().startswith("title ")]
        assert above.split("\n")[0] == f"title {name}".replace("$", r"\$")
        assert not is_math_text(above.split("\n")[0])
        drawn += sum(name.replace("$", r"\$") in t.get_text() for t in texts)
    assert drawn > 20


def test_controls_are_shown(tmp_path):
    figure = figures.draw_film(film("x"), title="a\0b\x1b[31m\u202e")
    assert r"a\x00b\x1b[31m\u202e" in [t.get_text() for t in figure.findobj(matplotlib.text.Text)]
    figures.save(figure, tmp_path / "figure", ("png", "pdf", "svg"))
