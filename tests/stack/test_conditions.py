"""Conditions: the forms of m, B, T and E are the same everywhere, checked once, and pass through JAX."""

import jax
import numpy as np
import pytest

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import AXES

BAD = {
    "an unknown axis": ({"m": "up"}, "m", "'up'", 'an axis "x", "y" or "z"'),
    "axes and numbers": ({"m": ["x", (0, 1, 0)]}, "m", "['x', (0, 1, 0)]", "an axis"),
    "an unknown axis of one magnet": ({"m": {"Co": "q"}}, "m['Co']", "'q'", "an axis"),
    "two components": ({"m": (0, 1)}, "m", "(0, 1), of shape (2,)", "three components"),
    "no length": ({"m": (0, 0, 0)}, "m", "(0, 0, 0)", "Give for example (0, 1, 0)"),
    "no length within an array": ({"m": [(0, 1, 0), (0, 0, 0)]}, "m", "(0, 0, 0)", "length zero"),
    "m not finite": ({"m": (0, np.nan, 1)}, "m", "nan", "not finite"),
    "B a name": ({"B": "z"}, "B", "'z'", "three components in tesla"),
    "B missing": ({"B": None}, "B", "None", "three components in tesla"),
    "T negative": ({"T": -1.0}, "T", "-1.0", "below 0"),
    "T text": ({"T": "300 K"}, "T", "'300 K'", "numbers in kelvin"),
    "E of three": ({"E": (1, 0, 0)}, "E", "(1, 0, 0)", "two finite numbers"),
    "E in a batch": ({"E": [(1, 0), (0, 1)]}, "E", "(2, 2)", "two finite numbers"),
}


@pytest.mark.parametrize(("given", "field", "value", "words"), BAD.values(), ids=BAD)
def test_what_is_not_allowed_is_refused_with_its_name(given, field, value, words):
    with pytest.raises(ss.ParameterError) as caught:
        Conditions(**given)
    assert caught.value.field == field
    assert value in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("axis", "xyz")
def test_an_axis_is_its_vector_in_every_form(axis):
    vector = AXES[axis]
    np.testing.assert_array_equal(Conditions(m=axis).m, vector)
    np.testing.assert_array_equal(Conditions(m={"Co": axis, "Py": vector}).m["Co"], vector)
    np.testing.assert_array_equal(Conditions(m=[axis, "z"]).m, [vector, (0, 0, 1)])
    assert Conditions().m is None


def test_the_batch_is_what_m_B_and_T_broadcast_to():
    assert Conditions(m="y", T=300).batch == ()
    at = Conditions(m={"Co": np.ones((3, 1, 3)), "Py": "x"}, B=np.ones((4, 3)), T=300.0)
    assert at.batch == (3, 4)
    apart = at.apart(2)
    assert apart.batch == (3, 4, 1, 1)
    assert apart.B.shape == (4, 1, 1, 3)
    assert apart.m["Py"].shape == (3,)
    assert Conditions(T=[1.0, 2.0]).apart(1).T.shape == (2, 1)
    assert at.apart(0) is at


def test_traced_values_pass():
    def total(m, B, T, E):
        at = Conditions(m={"Co": m}, B=B, T=T, E=E)
        return at.m["Co"].sum() + at.B.sum() + at.T + at.E.sum()

    assert jax.jit(total)(np.ones(3), np.ones(3), 2.0, np.ones(2)) == 10
    with pytest.raises(ss.ParameterError, match=r"^m\['Co'\]: an array of shape \(2,\)"):
        jax.jit(total)(np.ones(2), np.ones(3), 2.0, np.ones(2))


def test_m_by_name_is_m_by_vector_in_both_theories():
    film = (
        ss.Metal("N", thickness=3e-9, conductivity=4e6, spin_diffusion_length=3e-9, spin_hall_angle=0.1)
        | ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=1.36e10))
        | ss.Ferromagnet("F", thickness=2e-9, conductivity=3e6, polarization=0.4, spin_diffusion_length=5e-9)
    )
    for solver in (None, ss.Boltzmann(rtol=1e-2)):
        want = ss.sheet_conductance(film, m=(0, 1, 0), solver=solver)
        np.testing.assert_array_equal(ss.sheet_conductance(film, m="y", solver=solver), want)
        np.testing.assert_array_equal(ss.sheet_conductance(film, m={"F": "y"}, solver=solver), want)
        several = ss.sheet_conductance(film, m=["y", "z"], solver=solver)
        assert several.shape == (2, 2, 2)
    named, given = (element_matrix(film, 2, m) for m in ("y", (0, 1, 0)))
    np.testing.assert_array_equal(named, given)
