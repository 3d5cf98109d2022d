"""What lowering does and does not: films are described, and what has to be integrated is integrated once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spinstack as ss
from spinstack import circuit
from spinstack.circuit import microscopic
from spinstack.circuit.lower import lower, responding
from spinstack.insulator.magnet import Magnet

NM = 1e-9
BARRIER = ss.DeltaBarrier(barrier=0.6, exchange=0.3, rashba=0.1, fermi_wavevector=1.36e10)
PLAIN = ss.DeltaBarrier(barrier=0.4, fermi_wavevector=1.36e10)
METAL = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.05)
MAGNET = ss.Ferromagnet(
    "Co", thickness=3 * NM, conductivity=5e6, polarization=0.4, spin_diffusion_length=6 * NM, dephasing_length=0.8 * NM
)
BILAYER = METAL | ss.Interface(scattering=BARRIER) | MAGNET
M = (0.0, 0.6, 0.8)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many barriers were integrated, call by call."""
    calls: list[int] = []
    plain = microscopic.interface_response

    def counted(model: Any, m: Any, *rest: Any) -> Any:
        calls.append(m.shape[-1])
        return plain(model, m, *rest)

    monkeypatch.setattr(microscopic, "interface_response", counted)
    return calls


def test_lowering_and_checking_integrate_nothing(asked: list[int]) -> None:
    plan, table, batch = lower(BILAYER, M)
    circuit.check(BILAYER, m=M)
    assert asked == []
    assert table.columns[plan.kinds.index("Scattering")] == {}
    found = responding(plan, table, batch)
    assert asked == [1]
    assert found.scatterers == ()
    assert found.columns[plan.kinds.index("Scattering")]["mean"].shape == (1, 4, 4, 1)


def test_a_profile_asks_every_interface_once(asked: list[int]) -> None:
    ss.profile(BILAYER, m=M)
    assert asked == [1]


def test_a_sweep_asks_for_what_an_interface_depends_on(asked: list[int]) -> None:
    thickness, rashba = np.linspace(2, 9, 7) * NM, np.array([0.0, 0.1, 0.2])
    film = BILAYER.replace({"Pt.thickness": thickness[:, None], "Pt|Co.scattering.rashba": rashba})
    assert ss.sheet_conductance(film, m=M).shape == (7, 3, 2, 2)
    assert asked == [3]


def test_interfaces_with_models_of_one_form_are_asked_together(asked: list[int]) -> None:
    stack = BILAYER | ss.Interface(scattering=PLAIN.replace(dresselhaus=0.1)) | METAL.replace(name="Cu")
    stack = stack | ss.Interface(scattering=BARRIER.replace(barrier=np.array([0.2, 0.5]))) | MAGNET.replace(name="Ni")
    found = ss.sheet_conductance(stack, m=M)
    assert sorted(asked) == [1, 3]
    for i, barrier in enumerate((0.2, 0.5)):
        one = ss.sheet_conductance(stack.replace({"Cu|Ni.scattering.barrier": barrier}), m=M)
        np.testing.assert_allclose(found[i], one, rtol=1e-13, atol=1e-16)


def test_a_repeated_interface_is_the_same_interface(asked: list[int]) -> None:
    film = (METAL | ss.Interface(scattering=BARRIER) | MAGNET | ss.Interface(scattering=BARRIER)) * 3 | METAL
    ss.sheet_conductance(film, m=M)
    assert asked == [6]


@pytest.mark.parametrize(
    ("film", "conditions", "words"),
    [
        (BILAYER, {}, "m: missing"),
        (METAL | ss.Interface(scattering=BARRIER) | METAL, {}, r"scattering\.exchange.*touches no magnet"),
        (METAL | ss.Interface(scattering=PLAIN), {}, "topmost"),
        (METAL.replace(spin_diffusion_length=np.inf) | ss.Vacuum(), {}, "undetermined"),
        (BILAYER, {"m": np.ones((2, 3)), "B": np.ones((3, 3))}, "broadcasts with"),
    ],
)
def test_a_check_refuses_what_solving_refuses(film: ss.Film, conditions: dict[str, Any], words: str) -> None:
    for call in (circuit.check, circuit.sheet_conductance):
        with pytest.raises(ss.ParameterError, match=f"(?s){words}"):
            call(film, **conditions)


def test_a_check_finds_no_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ss.WeissMagnet(
        spin=2, surface_density=1e18, exchange_coupling=1e-48, density_of_states=4e46, curie_temperature=100
    )
    film = ss.MagneticInsulator("EuS", magnet=model) | METAL
    monkeypatch.setattr(Magnet, "equilibrium", lambda *_: pytest.fail("looked for a direction"))
    circuit.check(film, B=(0, 0, 1.0), T=20)
    with pytest.raises(ss.ParameterError, match=r"m: none given for 'EuS'\. B: zero"):
        circuit.check(film, T=20)
    with pytest.raises(ss.ParameterError, match="T: missing"):
        circuit.check(film, m=M)
