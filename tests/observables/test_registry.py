"""The registry: every observable is in it, told by its signature, under the same conditions in the same order."""

import inspect
import subprocess
import sys
import typing
from functools import partial

import numpy as np
import pytest
from observed import arguments, call, films

import spinstack as ss
from spinstack.observables.registry import arrays, observable_of, observables
from spinstack.stack.parameters import THEORIES

KNOWN = observables()
every = pytest.mark.parametrize("found", KNOWN.values(), ids=KNOWN)
CONDITIONS = ("m", "B", "T", "E", "current", "solver")
DEFAULTS = {"m": None, "B": (0.0, 0.0, 0.0), "T": None, "E": None, "current": None, "solver": None}
#: functions of a film that are no observables: they take observables or compare theories
TOOLS = {"EffectiveInterface", "compare_theories", "compile", "effective_interface", "gradient", "sweep"}


def test_every_public_name_is_an_observable_or_a_tool():
    import spinstack.observables as room

    assert set(room.__all__) - TOOLS <= set(KNOWN)
    assert set(KNOWN) <= set(ss.__all__)
    for name, found in KNOWN.items():
        assert getattr(ss, name) is found.function
        assert found.words


@every
def test_conditions_are_keywords_in_one_order_behind_the_observables_own_arguments(found):
    parameters = list(inspect.signature(found.function).parameters.values())
    assert parameters[0].name == "film"
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert keywords == [name for name in CONDITIONS if name in keywords]
    defaults = DEFAULTS if "current" in keywords else DEFAULTS | {"E": (1.0, 0.0)}
    assert {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY} == {k: defaults[k] for k in keywords}
    own = [p for p in parameters[1:] if p.kind is not p.KEYWORD_ONLY]
    assert not {"m", "E", "solver"} & {p.name for p in own}
    assert list(found.arguments) == [p.name for p in parameters[1:]]


@every
def test_it_takes_a_solver_or_says_why_not(found):
    assert set(found.why_not) <= set(THEORIES)
    assert all(found.why_not.values())
    assert ("solver" in found.arguments) == (not found.why_not)


@pytest.mark.study(but_first=1)
@every
def test_boltzmann_gives_the_same_variables_in_the_same_shapes(found):
    if "boltzmann" in found.why_not:
        return
    metal = ss.Metal("N", thickness=3e-9, conductivity=3e6, spin_diffusion_length=2e-9, spin_hall_angle=0.1)
    magnet = ss.Ferromagnet("F", thickness=2e-9, conductivity=4e6, polarization=0.4, spin_diffusion_length=5e-9)
    film = metal | magnet
    given = arguments(found, film)
    for name in {"B", "field"} & given.keys():  # the equation has no magnetic field
        given[name] = np.zeros(np.shape(given[name]))
    plain, other = (found.values(film, **given, solver=s) for s in (None, ss.Boltzmann(rtol=0.1)))
    assert {k: np.shape(v) for k, v in other.items()} == {k: np.shape(v) for k, v in plain.items()}


@every
def test_labels_fit_the_values(found):
    film, given = call(found)
    labels, values = found.labels(film, **given), found.values(film, **given)
    assert [o.name for o in labels.outputs] == list(values)
    data = found.dataset(film, **given)
    for output in labels.outputs:
        assert np.shape(values[output.name]) == tuple(data.sizes[labels.along.get(d, d)] for d in output.dims)
        assert data[output.name].attrs["units"] == output.units
        assert data[output.name].attrs["long_name"] == output.long_name
    assert data.attrs["spinstack_version"]


@every
def test_units_and_choices_stand_beside_the_arguments(found):
    units = {"B": "T", "T": "K", "E": "V/m", "field": "T", "magnetization": "A/m", "z": "m", "frequency": "Hz"}
    units |= {"current": "A/m^2"} if "E" in found.arguments else {}
    units |= dict.fromkeys(("angles", "tilt", "tilt_azimuth", "contact_angle", "cone_angle"), "deg")
    for name, argument in found.arguments.items():
        assert [b.unit for b in argument.beside if hasattr(b, "unit")] == [units[name] for n in units if n == name]
        if name == "plane":
            assert "beta" in str(typing.get_args(argument.annotation))
        if argument.beside and hasattr(argument.beside[0], "names"):
            film, given = call(found)
            assert given[name] in argument.beside[0].names(film)


def test_an_array_function_keeps_the_arguments_of_a_partial():
    film = films()["numbers"]
    fixed = partial(ss.torque, m="y", E=(0.0, 2.0))
    assert observable_of(fixed) is KNOWN["torque"]
    got = arrays(fixed)(film)
    np.testing.assert_array_equal(got["I"], ss.torque(film, m="y", E=(0.0, 2.0)).I)
    assert arrays(len) is len
    assert observable_of(len) is None


def test_observables_are_described_without_a_solver():
    code = (
        "import sys; from spinstack.observables.registry import observables; "
        "assert observables()['torque'].arguments; "
        "print([m for m in ('jax', 'xarray', 'pint', 'h5py', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
