"""Values of batches that do not fit together: the one that does not is named, with what it does not fit."""

import numpy as np
import pytest
from insulator_films import SINGLE
from plain_films import alone, contact, ferromagnet, metal

import spinstack as ss
from spinstack.stack.batches import together
from spinstack.stack.conditions import Conditions

TWO, THREE = np.linspace(1e-9, 2e-9, 2), np.linspace(1e-9, 2e-9, 3)
BILAYER = metal() | contact() | ferromagnet()
BARRIER = ss.DeltaBarrier(barrier=np.array([0.4, 0.5]), fermi_wavevector=1e10)


def test_batches_broadcast_as_arrays_do():
    assert together({}) == together({"a": ()}) == ()
    assert together({"a": (3, 1), "b": (2,), "c": ()}) == (3, 2)


CALLS = {
    "two of m, B and T": (lambda: Conditions(m=np.ones((2, 3)), B=np.ones((3, 3))).batch, "B", (3,), "m (2,)"),
    "a mapping of m": (
        lambda: ss.sheet_resistance(BILAYER, m={"Co": np.ones((2, 3))}, T=[1.0, 2, 3]), "T", (3,), "m['Co'] (2,)"
    ),
    "m and a thickness": (
        lambda: ss.sheet_resistance(BILAYER.replace({"Pt.thickness": THREE}), m=np.ones((2, 3))),
        "m", (2,), "Pt.thickness (3,)",
    ),
    "two thicknesses": (
        lambda: ss.magnetoresistance(BILAYER.replace({"Pt.thickness": THREE, "Co.thickness": TWO})),
        "Co.thickness", (2,), "Pt.thickness (3,)",
    ),
    "films and temperatures": (
        lambda: ss.magnetoresistance(BILAYER.replace({"Pt.thickness": THREE}), T=[1.0, 2]), "T", (2,), "film (3,)"
    ),
    "Boltzmann": (
        lambda: ss.sheet_resistance(
            alone(ferromagnet(thickness=THREE)), m=np.ones((2, 3)), solver=ss.Boltzmann(rtol=0.1)
        ),
        "m['Co']", (2,), "film (3,)",
    ),
    "a barrier": (lambda: BARRIER.tensors(np.ones((3, 3))), "m", (3,), "barrier (2,)"),
    "a magnet": (lambda: SINGLE["ferromagnet"].order(np.zeros(2), np.ones(3)), "T", (3,), "B (2,)"),
    "a model": (
        lambda: ss.compile(BILAYER, ["Pt.thickness"], m=np.ones((2, 3)), B=np.ones((3, 3))),
        "B", (3,), "m (2,)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS)
def test_what_does_not_fit_is_named(case):
    call, field, shape, others = case
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert caught.value.field == field
    assert caught.value.why == f"a batch of shape {shape}"
    assert others in caught.value.allowed
