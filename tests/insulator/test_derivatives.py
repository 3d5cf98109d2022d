"""Derivatives of films by the parameters of their magnets, field and temperature."""

import jax
import numpy as np
import pytest
from insulating_magnets import KINDS
from insulator_films import (
    SINGLE,
    by_numbers,
    on,
    slow_metal,
)
from plain_films import Z

import spinstack as ss

STEPS = np.array([-3, -2, -1, 1, 2, 3])
CENTRAL = np.array([-1 / 60, 3 / 20, -3 / 4, 3 / 4, -3 / 20, 1 / 60])  # seven points: exact up to the sixth power


def slope_of(f, x, step):
    """df/dx of a function that takes an array of arguments on its first axis."""
    return np.tensordot(CENTRAL, f(x + STEPS * step), 1) / step


NEEL = SINGLE["antiferromagnet"]
#: the models by themselves are differentiated in test_evaluate.py; what films add takes a minute to compile
MODELS = {
    "ferrimagnet": SINGLE["ferrimagnet"],
    "hard axis": NEEL.replace(hard_field=6.0),
    "domains": NEEL.replace(spin_flop_field=0.0, monodomain_field=4.0, dzyaloshinskii_field=0.7),
}


@pytest.mark.study
@pytest.mark.parametrize("kind", MODELS)
def test_gradients_of_the_resistance_by_magnet_field_and_temperature(kind):
    film = slow_metal(hall_coefficient=-2e-11) | on(MODELS[kind])
    at = {k: np.asarray(v) for k, v in film.parameters().items() if k.startswith("EuS.magnet.")}
    given = {name for name in MODELS[kind].parameters if getattr(MODELS[kind], name) is not None}
    assert {path.rpartition(".")[2] for path in at} == given
    # at an end of what is allowed there is no difference to compare with
    at = {path: value for path, value in at.items() if value or not path.endswith("_field")}
    at |= {"B": np.array([1.1, -0.7, 2.3]), "T": np.asarray(60.0)}

    def observed(values):
        changed = film.replace({k: v for k, v in values.items() if k not in ("B", "T")})
        return ss.sheet_resistance(changed, B=values["B"], T=values["T"])[..., 0]

    jacobian = jax.jacrev if kind == "ferrimagnet" else jax.jacfwd  # which compiles sooner
    exact = jax.jit(jacobian(observed))(at)
    unit = np.array([1, 1e-2]) * observed(at)[0] * 1e-3  # spin makes about this
    moves = [(name, i) for name, value in at.items() for i in np.ndindex(value.shape)]
    batch = {name: np.tile(value, (len(moves), STEPS.size, *[1] * value.ndim)) for name, value in at.items()}
    scales = [abs(at[name][i]) or 1.0 for name, i in moves]
    for row, ((name, i), scale) in enumerate(zip(moves, scales, strict=True)):
        batch[name][(row, slice(None), *i)] += 5e-3 * scale * STEPS
    numeric = np.tensordot(CENTRAL, observed(batch), (0, 1)) / 5e-3 / unit
    for (name, i), scale, slope in zip(moves, scales, numeric, strict=True):
        got = np.asarray(exact[name])[(slice(None), *i)] * scale / unit
        np.testing.assert_allclose(got, slope, rtol=1e-7, atol=1e-8, err_msg=f"{name}{i}")


@pytest.mark.study
def test_gradient_of_a_film_contains_the_parameters_of_its_magnet():
    film, m = slow_metal() | on(SINGLE["ferromagnet"]), (0.48, 0.6, 0.64)

    def observed(film):
        return ss.sheet_resistance(film, m=m, B=(1.1, -0.7, 2.3), T=60.0)[..., 0, 0]

    exact = ss.gradient(film, observed)
    assert {path for path in exact if ".magnet." in path} == {
        f"EuS.magnet.{name}" for name in SINGLE["ferromagnet"].parameters
    }
    for path, slope in exact.items():
        if ".magnet." in path or path == "W.thickness":
            value = float(film.parameters()[path])
            step = 5e-3 * (abs(value) or 1.0)
            numeric = slope_of(lambda x, path=path: observed(film.replace({path: x})), value, step)
            np.testing.assert_allclose(slope * step, numeric * step, rtol=1e-7, atol=1e-13 * observed(film))


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_initial_slope_is_that_of_the_film_with_its_faces_held_as_they_are_without_field(kind):
    model, pt, T = SINGLE[kind], slow_metal(spin_hall_angle=0.3), 60.0
    pieces = model.sublattices(Z, np.zeros(3), T)
    sink = sum(piece[0] for piece in pieces)
    mixing = sum(real + 1j * imag * s[2] for _, real, imag, s in pieces)
    held = pt | by_numbers(sink, mixing)
    expected = slope_of(lambda b: ss.sheet_resistance(held, m=Z, B=b[:, None] * Z)[:, 0, 0], 0.0, 0.05)
    np.testing.assert_allclose(ss.initial_slope(pt | on(model), "z", T=T), expected, rtol=1e-8)
    assert abs(expected) > 1e-6 * ss.sheet_resistance(held, m=Z)[0, 0]
