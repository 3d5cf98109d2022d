"""All figures of films on magnets: how they look, and that real results are drawn."""

import numpy as np
import pytest
from magnet_results import NM, above, contributions, face, gap, path, regimes, scan, words
from pages import outside, overlaps, texts

import spinstack as ss
from spinstack import figures

RNG = np.random.default_rng(7)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    "figure",
    [
        lambda: figures.field_scan(scan(), title="EuS/Pt"),
        lambda: figures.field_scan(scan(directions=["x", "y", "z"])),
        lambda: figures.field_scan(scan(np.geomspace(2, 300, 8), ["x", "y", "z"], own=True), title="EuS/Pt"),
        lambda: figures.field_scan(scan(np.linspace(2, 300, 20), ["y", "z"])),
        lambda: figures.field_scan(path(RNG.normal(size=(30, 3)))),
        lambda: figures.field_contributions(contributions(small=1e-3), title="EuS/Pt"),
        lambda: figures.field_contributions(contributions(np.geomspace(2, 300, 8), ["y", "z"]), title="EuS/Pt"),
        lambda: figures.temperature_scan(gap(), title="EuS/Pt"),
        lambda: figures.face_conductances(face(), title="EuS"),
        lambda: figures.face_conductances(face(np.geomspace(2, 300, 12))),
        lambda: figures.regime_map(regimes(), title="EuS/Pt"),
    ],
)
def test_texts_stay_apart_and_on_the_page(figure):
    drawn = figure()
    boxes = texts(drawn, ticks=False)
    assert overlaps(boxes) == []
    assert outside(drawn, boxes) == []


def test_real_results_are_drawn():
    J, nu = 1e-48, 4e46
    magnet = ss.WeissMagnet(
        spin=2, surface_density=3e18, exchange_coupling=J, density_of_states=nu, curie_temperature=100
    )
    pt = ss.Metal("Pt", thickness=2 * NM, conductivity=1e6, spin_diffusion_length=3 * NM, spin_hall_angle=0.1,
                  diffusion_coefficient=1e-4)  # fmt: skip
    film = ss.MagneticInsulator("EuS", magnet=magnet) | pt
    field, T = np.linspace(-5, 5, 11), np.array([10.0, 60.0, 150.0])
    data = ss.field_scan(film, field, ["y", "z"], T=T, reference="y")
    shown = figures.field_scan(data)
    assert shown.axes[0].get_title() == "B ∥ y"
    assert "$R_{xx}$ without field, m along y" in above(shown)
    assert "T = 10 K" in above(figures.field_scan(ss.field_scan(film, field, "z", T=10.0)))
    turning = ss.field_scan(film, [(0, 0, 1.0), (0, 1, 1), (0, 1, 0)], T=10.0)
    assert figures.field_scan(turning).axes[-1].get_xlabel() == "step of the path"
    figures.field_contributions(ss.field_contributions(film, field, ["y", "z"], T=T))
    assert words(figures.temperature_scan(ss.temperature_scan(film, T, m=["y", "z"]))) == ["m ∥ y", "m ∥ z"]
    figures.temperature_scan(ss.smr_gap(film, T))
    size = float(magnet.characteristic_conductance)
    assert f"$G_0$ = {size / 10 ** np.floor(np.log10(size)):.3g}·10" in above(
        figures.face_conductances(ss.face_conductances(film, field, T))
    )
    plain = ss.MagneticInsulator("EuS", mixing_conductance=1e14j) | pt
    thickness = {"Pt.thickness": np.linspace(1, 10, 7) * NM}
    exchange = {"EuS.mixing_conductance.imag": np.geomspace(1e12, 1e16, 9)}
    slope = ss.sweep(plain, thickness | exchange, ss.initial_slope)
    critical = ss.sweep(plain, thickness, ss.critical_exchange)
    figure = figures.regime_map(slope.assign(critical_exchange=critical["critical_exchange"]))
    assert words(figure) == ["slope zero", "critical $G_i$"]
