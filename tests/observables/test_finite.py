"""A result that is no number is told, with what is to blame; inside JAX transformations nothing is."""

import warnings
from functools import partial

import jax
import numpy as np
import pytest
from plain_films import bilayer, metal

import spinstack as ss
from spinstack.observables.finite import NotFiniteWarning

FILM = bilayer()
THICK = FILM.replace({"Pt.thickness": 1e300})
R = partial(ss.sheet_resistance, m="y")

TOLD = {
    "an array": (lambda: R(THICK), r"sheet_resistance is not a finite number \(4 of 4 values\). Pt.thickness is 1e"),
    "a number": (lambda: ss.magnetoresistance(THICK), r"\(the value\). Pt.thickness is 1e\+300 m"),
    "a labelled result": (
        lambda: ss.angular_scan(THICK, "beta", angles=[0, 90]),
        r"R_xx is not a finite number \(2 of 2 values, first at angle 0\). Pt.thickness is 1e\+300 m; people meet",
    ),
    "a field": (lambda: ss.layer_currents(FILM, m="y", B=(0, 0, 1e300)), r"B is 1e\+300 T; people meet up to 1000 T"),
    "one layer": (lambda: ss.sheet_conductance(metal(conductivity=1e300)), r"Pt.conductivity is 1e\+300 S/m"),
    "a sweep": (
        lambda: ss.sweep(FILM, {"Pt.thickness": [1e-9, 1e300]}, R),
        r"\(4 of 8 values, first at Pt.thickness 1e\+300, row x, column x\). Pt.thickness is 1e\+300 m",
    ),
    "a sweep of your own": (
        lambda: ss.sweep(
            FILM, {"Pt.thickness": [1e-9, 2e-9]}, lambda film: np.where(film.get("Pt.thickness") > 1.5e-9, np.inf, 1.0)
        ),
        r"value is not a finite number \(1 of 2 values, first at Pt.thickness 2e-09\). No parameter of the film",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_what_is_no_number_is_told_where_it_was_asked_for(case):
    call, words = case
    with pytest.warns(NotFiniteWarning, match=words) as told:
        call()
    assert len(told) == 1
    assert told[0].filename == __file__


def test_a_stored_sweep_tells_it_again(tmp_path):
    for _ in range(2):
        with pytest.warns(NotFiniteWarning, match="Pt.thickness is"):
            ss.sweep(FILM, {"Pt.thickness": [1e300]}, R, tmp_path / "map.nc")


def test_a_value_that_is_absent_is_no_fault():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # without an imaginary part nothing changes sign
        found = ss.critical_exchange(ss.MagneticInsulator("I", mixing_conductance=1e14) | metal(g_factor=0.0))
    assert np.isnan(found)


@pytest.mark.study
def test_transformations_are_left_alone():
    def of(thickness):
        return R(FILM.replace({"Pt.thickness": thickness}))[0, 0]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(jax.jit(of)(1e300))
        assert np.isnan(jax.vmap(of)(np.array([1e300, 1e300]))).all()
        assert np.isnan(jax.grad(of)(1e300))
        assert np.isfinite(R(FILM)).all()
