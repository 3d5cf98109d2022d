"""A magnet of one's own is one class: films, sample files, sweeps, derivatives, scans and figures take it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spinstack as ss
from spinstack import figures
from spinstack.facts.magnets import moment_facts
from spinstack.insulator.magnet import Magnet
from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.stack.described import Model
from spinstack.stack.parameters import parameter

NM = 1e-9
#: mu_B/k_B [K/T]
KELVIN = 9.2740100783e-24 / 1.380649e-23


@dataclass(frozen=True, eq=False, repr=False)
class TwoLevels(Magnet, kind="toy_two_levels"):
    """Spins 1/2 that only their own field turns: order tanh(mu_B B/k_B T)."""

    order_name = "direction of the toy"

    surface_density: float = parameter("1/m^2", "moments per area", low=0)
    exchange_coupling: float = parameter("J m^3", "J_sd")
    density_of_states: float = parameter("1/(J m^3)", "of the metal", low=0, open_low=True)

    def columns(self) -> dict[str, Any]:
        return super().columns() | {"spin": 0.5}

    def moments(self) -> list[Moments]:
        return [of_sublattice(self.columns())]

    def ordering_temperature(self) -> Any:
        return 0.0

    def pointing(self, B: Any) -> Any:
        from spinstack.insulator.evaluate import along_field

        return along_field(B)

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        moments, order = of_sublattice(p), TwoLevels.ordered(p, (B * m).sum(-2), T)
        G0 = moments.characteristic_conductance
        return [Sublattice(G0 * (0.25 - order**2), G0 * order**2, moments.exchange_conductance * order, m)]

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        import jax.numpy as jnp

        return p["spin"] * jnp.tanh(KELVIN * B / T)


MAGNET = TwoLevels(surface_density=3e18, exchange_coupling=2e-48, density_of_states=4e46)
del Model.known["magnet", "toy_two_levels"]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample files know it here, and nowhere else."""
    monkeypatch.setitem(Model.known, ("magnet", TwoLevels.kind), TwoLevels)


def film(**insulator: Any) -> ss.Film:
    metal = ss.Metal(
        "Pt", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1,
        diffusion_coefficient=1e-4,
    )  # fmt: skip
    return ss.MagneticInsulator("toy", **(insulator or {"magnet": MAGNET})) | metal


def held(B: float, T: float) -> ss.Film:
    """The same with the conductances, worked out by hand."""
    order = np.tanh(KELVIN * B / T) / 2
    G0 = np.pi / 1.054571817646156e-34 * 3e18 * (1.602176634e-19 * 4e46 * 2e-48) ** 2
    mixing = G0 * order**2 + 1j * 1.602176634e-19**2 / 1.054571817646156e-34 * 3e18 * 4e46 * 2e-48 * order
    return film(spin_sink_conductance=G0 * (0.25 - order**2), mixing_conductance=mixing)


@pytest.mark.parametrize(("B", "T"), [(0.0, 4.0), (2.0, 1.5), (14.0, 4.0)])
def test_films_follow_its_conductances(B: float, T: float) -> None:
    m = np.array([0.0, 0.6, 0.8])
    for direction in (m, None):
        if direction is None and B == 0:
            continue
        found = ss.sheet_resistance(film(), m=direction, B=B * m, T=T)
        np.testing.assert_allclose(found, ss.sheet_resistance(held(B, T), m=m, B=B * m), rtol=1e-12)
    np.testing.assert_allclose(MAGNET.conductances(B, T).mixing, held(B, T)[0].mixing_conductance, rtol=1e-12)


def test_scans_and_batches() -> None:
    scan = ss.field_scan(film(), [0.0, 3.0, 9.0], direction="z", T=2.0)
    loop = [ss.sheet_resistance(held(B, 2.0), m=(0, 0, 1), B=(0, 0, B))[0, 0] for B in (0.0, 3.0, 9.0)]
    np.testing.assert_allclose(scan["R_xx"], loop, rtol=1e-12)
    warm = ss.temperature_scan(film(), [1.0, 10.0], B=(0, 5.0, 0))
    loop = [ss.sheet_resistance(held(5.0, T), m=(0, 1, 0), B=(0, 5.0, 0))[0, 0] for T in (1.0, 10.0)]
    np.testing.assert_allclose(warm["R_xx"], loop, rtol=1e-12)


def test_sample_files(tmp_path: Path) -> None:
    path = ss.save_sample(film(), tmp_path / "film.toml")
    assert 'kind = "toy_two_levels"' in path.read_text(encoding="utf-8")
    assert ss.load_sample(path) == film()
    assert moment_facts(film())[0].kind == "toy_two_levels"


def test_sweeps_and_gradients() -> None:
    path = "toy.magnet.exchange_coupling"
    observable = partial(ss.sheet_resistance, B=(0.0, 6.0, 2.0), T=3.0)
    swept = ss.sweep(film(), {path: [1e-48, 2e-48]}, observable)
    assert swept[path].attrs["units"] == "J m^3"
    np.testing.assert_allclose(swept["sheet_resistance"][1], observable(film()), rtol=1e-12)
    slopes, step = ss.gradient(film(), lambda f: observable(f)[0, 0]), 2e-53
    up, down = (observable(film().replace({path: 2e-48 + s * step}))[0, 0] for s in (1, -1))
    assert float(slopes[path]) == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_its_face_and_its_figure() -> None:
    face = ss.face_conductances(MAGNET, np.linspace(0, 10, 5), [2.0, 5.0])
    assert set(face.data_vars) == {"G_s", "G_r", "G_i", "G_flip", "G_dephasing", "order"}
    drawn = figures.face_conductances(face)
    assert "field along the direction of the toy (T)" in {axes.get_xlabel() for axes in drawn.axes}


def test_a_magnet_without_field_that_orders_by_itself_has_no_direction() -> None:
    with pytest.raises(ss.ParameterError, match=r"B: got|B: zero"):
        ss.WeissMagnet(
            spin=1, surface_density=1e18, exchange_coupling=1e-48, density_of_states=4e46, curie_temperature=50
        ).equilibrium((0, 0, 0))
    np.testing.assert_array_equal(MAGNET.equilibrium((0, 0, 0)), [0, 0, 1])


def test_its_numbers_are_checked() -> None:
    with pytest.raises(ss.ParameterError, match=r"TwoLevels\.surface_density \[1/m\^2\]: got -1.*too small"):
        TwoLevels(surface_density=-1, exchange_coupling=1e-48, density_of_states=4e46)
