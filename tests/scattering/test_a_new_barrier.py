"""A barrier of one's own is one class: films, sample files, sweeps, derivatives, both theories and figures take it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.cli import main
from spinstack.figures import scattering as figures
from spinstack.figures.cross_section import draw_film
from spinstack.numerics.arrays import array_module
from spinstack.scattering.electrons import spin_matrix
from spinstack.scattering.model import ScatteringModel, some
from spinstack.stack.described import Model
from spinstack.stack.parameters import parameter

NM = 1e-9
TILTED = np.array([0.48, -0.6, 0.64])


@dataclass(frozen=True, eq=False, repr=False)
class Contact(ScatteringModel, kind="toy_contact"):
    """A delta barrier by other numbers: how much of each spin passes at normal incidence."""

    majority: float = parameter("1", "transmission of the majority", low=0, high=1, open_low=True)
    minority: float = parameter("1", "transmission of the minority", low=0, high=1, open_low=True)
    rashba: float = parameter("1", "u_R", default=0.0)
    fermi_wavevector: float = parameter("1/m", "k_F", low=0, open_low=True)

    def delta(self) -> ss.DeltaBarrier:
        up, down = (array_module(t).sqrt(1 / t - 1) for t in (self.majority, self.minority))
        return ss.DeltaBarrier(
            barrier=(up + down) / 2,
            exchange=(down - up) / 2,
            rashba=self.rashba,
            fermi_wavevector=self.fermi_wavevector,
        )

    def asks_for_magnet(self) -> str:
        return "minority" if self.delta().asks_for_magnet() else ""

    def turns(self) -> bool:
        return some(self.rashba)

    def without_spin_orbit(self) -> Contact:
        return self if not self.turns() else self.replace(rashba=np.zeros(np.shape(self.rashba)))

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        return self.delta().amplitudes(k, m)

    def incidence(self, cosine: Any, phi: Any, m: Any) -> Any:
        return self.delta().incidence(cosine, phi, m)

    def integrals(self, m: Any, tolerance: float) -> Any:
        return self.delta().integrals(m, tolerance)


@dataclass(frozen=True, eq=False, repr=False)
class Filter(ScatteringModel, kind="toy_filter"):
    """The same without spin-orbit coupling, of which nothing is known but amplitudes."""

    majority: float = parameter("1", "strength that the majority meets")
    minority: float = parameter("1", "strength that the minority meets")
    fermi_wavevector: float = parameter("1/m", "k_F", low=0, open_low=True)
    sharvin: bool = False

    def asks_for_magnet(self) -> str:
        return "minority"

    def turns(self) -> bool:
        return False

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        xp = array_module(self.majority, self.minority)
        c = xp.sqrt(1 - (k * k).sum(-1))
        majority, minority = (1j * c / (1j * c - u) for u in (self.majority, self.minority))
        # the electron's spin is opposite to its moment
        mean, field = (minority + majority) / 2, xp.asarray((minority - majority) / 2)[..., None] * m
        return spin_matrix(mean - 1, field), spin_matrix(mean, field)


BARRIERS = {
    "other numbers": Contact(majority=0.95, minority=0.7, rashba=0.1, fermi_wavevector=1.36e10),
    "amplitudes": Filter(majority=0.3, minority=0.8, fermi_wavevector=1.36e10),
}
SAME = {
    "other numbers": BARRIERS["other numbers"].delta(),  # type: ignore[attr-defined]
    "amplitudes": ss.DeltaBarrier(barrier=0.55, exchange=0.25, fermi_wavevector=1.36e10),
}
#: what numerical integration reaches
ACCURACY = {"other numbers": 1e-12, "amplitudes": 1e-7}
for word in ("toy_contact", "toy_filter"):
    del Model.known["scattering", word]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample files know the two here, and nowhere else."""
    for toy in (Contact, Filter):
        monkeypatch.setitem(Model.known, ("scattering", toy.kind), toy)


def film(barrier: ScatteringModel) -> ss.Film:
    return (
        ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.05)
        | ss.Interface(scattering=barrier)
        | ss.Ferromagnet(
            "Co", thickness=3 * NM, conductivity=5e6, polarization=0.4, spin_diffusion_length=6 * NM,
            dephasing_length=0.8 * NM,
        )
    )  # fmt: skip


def close(a: Any, b: Any, tolerance: float) -> None:
    assert np.abs(np.asarray(a) - np.asarray(b)).max() <= tolerance * np.abs(np.asarray(b)).max()


@pytest.mark.parametrize("name", BARRIERS)
def test_tensors_and_coefficients_are_those_of_the_barrier_that_it_is(name: str) -> None:
    one, other = (b.tensors(TILTED, (3 * NM, 5 * NM), (0.1, 0.4)) for b in (BARRIERS[name], SAME[name]))
    scale = {"conductivity": "conductance", "inverse": "conductance", "torkivity": "torkance"}
    for field, a, b in zip(one._fields[:-1], one, other, strict=False):
        size = np.abs(b).max() or NM * np.abs(getattr(other, scale.get(field, "conductance"))).max()
        assert np.abs(a - b).max() <= ACCURACY[name] * size, field
    assert one.error <= 1e-9
    named, expected = (b.coefficients(TILTED) for b in (BARRIERS[name], SAME[name]))
    for key in ("conductance_up", "conductance_down", "mixing_conductance"):
        assert named[key] == pytest.approx(expected[key], rel=ACCURACY[name])


@pytest.mark.study
@pytest.mark.parametrize("name", BARRIERS)
def test_films_and_torques(name: str) -> None:
    one, other = film(BARRIERS[name]), film(SAME[name])
    m = [TILTED, (0, 1, 0), (0, 0, 1)]
    close(ss.sheet_conductance(one, m=m), ss.sheet_conductance(other, m=m), ACCURACY[name])
    close(ss.torque(one, m=m)["Co"], ss.torque(other, m=m)["Co"], 10 * ACCURACY[name])
    close(element_matrix(one, 1, TILTED), element_matrix(other, 1, TILTED), ACCURACY[name])


@pytest.mark.parametrize("name", BARRIERS)
def test_sample_files(name: str, tmp_path: Path) -> None:
    stack = film(BARRIERS[name])
    path = ss.save_sample(stack, tmp_path / "film.toml")
    assert f'kind = "{BARRIERS[name].kind}"' in path.read_text(encoding="utf-8")
    assert ss.load_sample(path) == stack
    path.write_text(path.read_text(encoding="utf-8").replace("minority =", "minorty ="), encoding="utf-8")
    with pytest.raises(ss.SampleError, match="minority"):
        ss.load_sample(path)


@pytest.mark.parametrize("name", BARRIERS)
def test_sweeps_are_loops(name: str) -> None:
    stack, values = film(BARRIERS[name]), np.array([0.6, 0.7, 0.9])
    path = "Pt|Co.scattering.minority"
    swept = ss.sweep(stack, {path: values}, partial(ss.magnetoresistance, plane="beta"))
    assert swept[path].attrs["units"] == "1"
    loop = [ss.magnetoresistance(stack.replace({path: v}), plane="beta") for v in values]
    close(swept["magnetoresistance"], loop, 1e-9 if name == "amplitudes" else 1e-12)


@pytest.mark.study
@pytest.mark.parametrize("name", BARRIERS)
def test_the_gradient_is_the_slope(name: str) -> None:
    stack, path = film(BARRIERS[name]), "Pt|Co.scattering.minority"

    def observable(f: ss.Film) -> Any:
        return ss.sheet_resistance(f, m=TILTED)[..., 0, 0]

    slopes, value, step = ss.gradient(stack, observable), stack.get(path), 1e-4
    assert "Pt|Co.scattering.majority" in slopes
    up, down = (observable(stack.replace({path: value + s * step})) for s in (1, -1))
    assert float(slopes[path]) == pytest.approx((up - down) / (2 * step), rel=1e-5)


@pytest.mark.parametrize("name", BARRIERS)
def test_the_boltzmann_equation(name: str) -> None:
    one, other = (
        ss.sheet_conductance(film(b), m=TILTED, solver=ss.Boltzmann(rtol=1e-3)) for b in (BARRIERS[name], SAME[name])
    )
    close(one, other, 1e-12)


@pytest.mark.study
@pytest.mark.parametrize("name", BARRIERS)
def test_figures(name: str) -> None:
    drawn = figures.fermi_disc(BARRIERS[name], TILTED)
    assert "minority" in drawn.get_suptitle()
    assert len(drawn.axes) == 8  # four discs and their colour bars
    assert figures.atlas(BARRIERS[name], TILTED).axes
    assert draw_film(film(BARRIERS[name])).axes
    if BARRIERS[name].turns():
        assert figures.absorbed_spin(BARRIERS[name]).axes
    else:
        with pytest.raises(ValueError, match="no spin-orbit field"):
            figures.absorbed_spin(BARRIERS[name])


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = BARRIERS["other numbers"].coefficients((0, 0, 1))
    numbers = ["--majority", "95 %", "--minority", "0.7", "--rashba", "0.1", "--fermi-wavevector", "13.6 1/nm"]
    assert main(["interface", "--kind", "toy_contact", *numbers]) == 0
    said = capsys.readouterr().out
    assert said.startswith("toy contact: majority = 0.95")
    assert f"{wanted['conductance_up']:.5g}" in said
    assert main(["interface", "--kind", "toy_contact", "--majority", "0.9", "--barrier", "1", "--sharvin"]) == 2
    said = capsys.readouterr().err
    for word in ("--barrier: got '1'", "--minority: missing", "--fermi-wavevector [1/m]: missing", "--sharvin: which"):
        assert word in said
    assert main(["interface", "--kind", "toy_contac"]) == 2
    assert "toy_contact" in capsys.readouterr().err
    main(["interface", "--help"])
    said = capsys.readouterr().out
    assert "toy_contact" in said
    assert "--minority" in said


def test_it_says_which_number_wants_a_magnet() -> None:
    metal = ss.Metal("Cu", thickness=3 * NM, conductivity=5e7, spin_diffusion_length=300 * NM)
    stack = metal | ss.Interface(scattering=BARRIERS["amplitudes"]) | metal.replace(name="Pt")
    with pytest.raises(ss.ParameterError, match=r"scattering\.minority.*touches no magnet"):
        ss.sheet_conductance(stack)
    same = Contact(majority=0.8, minority=0.8, fermi_wavevector=1e10)
    assert np.isfinite(ss.sheet_conductance(metal | ss.Interface(scattering=same) | metal.replace(name="Pt"))).all()


def test_its_numbers_are_checked() -> None:
    with pytest.raises(ss.ParameterError, match=r"Contact\.majority: got 1\.2.*too large"):
        Contact(majority=1.2, minority=0.5, fermi_wavevector=1e10)
    with pytest.raises(ss.ParameterError, match=r"Filter\.sharvin: got 'yes'"):
        Filter(majority=1, minority=1, fermi_wavevector=1e10, sharvin="yes")  # type: ignore[arg-type]
