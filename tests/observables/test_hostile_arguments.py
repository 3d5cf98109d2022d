"""Every argument of every observable with values that are none: refused by its name, never taken for a number."""

import typing
from functools import partial

import numpy as np
import pytest
from observed import arguments, call, films
from odd_values import NO_NUMBERS
from plain_films import alone, contact, ferromagnet, metal

import spinstack as ss
from spinstack.observables.registry import Named, observables

NOTHING_BUT_BAD = {
    "a truth value": np.True_,
    "truth values": np.array([True, False, True]),
    "masked": np.ma.array([0.1, 0.2, 0.3], mask=[False, True, False]),
    "no values": np.zeros((0, 3)),
    "400 digits": 10**400,
    "three of 400 digits": [10**400, 1, 1],
    "not a number": [0.1, float("nan"), 0.3],
    "without end": [0.1, float("inf"), 0.3],
    "ragged": [[0.1], [0.2, 0.3], 0.1],
    "words": ["0.1 T", "b", "c"],
    "an object": object(),
    **{name: bad for name, bad in NO_NUMBERS.items() if name not in ("a dataset", "a function", "a type")},
}
ASKED = [
    (name, argument)
    for name, found in observables().items()
    for argument, one in found.arguments.items()
    if argument != "solver"
    and not any(isinstance(b, Named) for b in one.beside)
    and typing.get_origin(one.annotation) is not typing.Literal
]


#: what points along a quantity of any unit is a direction
DIRECTIONS = {("m", "another unit of a labelled array"), ("direction", "another unit of a labelled array"),
              ("reference", "another unit of a labelled array")}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument", "kind"), [(*one, k) for one in ASKED for k in NOTHING_BUT_BAD if (one[1], k) not in DIRECTIONS]
)
def test_it_is_refused_by_name(name, argument, kind):
    bad = NOTHING_BUT_BAD[kind]
    found = observables()[name]
    film, given = call(found)
    with pytest.raises(ss.ParameterError) as caught:
        found.function(film, **(given | {argument: bad}))
    # a direction may be what is wrong with a field, and the other way round
    pair = {"field", "direction"}
    assert caught.value.field in ({argument} if argument not in pair else pair)


NAMED = [(n, a) for n, found in observables().items() for a, one in found.arguments.items()
         if any(isinstance(b, Named) for b in one.beside)]  # fmt: skip
NO_NAMES = {
    "a number": 0, "bytes": b"N", "an array": np.array(["N"]), "a list": ["N"], "a table": {"N": 1},
    "a film": alone(metal()),
    "nothing": "", "a small letter": "n", "a look-alike": "Ν", "a blank": "N ", "behind the last": "N[7]",
    "before the first": "N[-7]", "raw memory": np.void(b"a"), "an array that fails": NO_NUMBERS["an array that fails"],
    "too long": "N" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("bad", NO_NAMES)
@pytest.mark.parametrize(("name", "argument"), NAMED)
def test_what_is_no_name_of_a_part_is_refused(name, argument, bad):
    found = observables()[name]
    film, given = call(found)
    with pytest.raises(ss.ParameterError) as caught:
        found.function(film, **(given | {argument: NO_NAMES[bad]}))
    assert len(str(caught.value)) < 400


#: of what is no argument at all, everything that is made of an observable says the same
ONCE = {
    "mask": np.ma.masked, "unit": NO_NUMBERS["another unit"], "array that fails": NO_NUMBERS["an array that fails"],
    "table": {"a": 0.1}, "text": "", "film": alone(metal()), "list": [None, 0.1],
}  # fmt: skip


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("bad", ONCE)
@pytest.mark.parametrize(
    ("name", "argument"), [(n, a) for n, found in observables().items() for a in found.arguments if a != "variables"]
)
def test_sweeps_and_models_refuse_it_before_they_label_anything(name, argument, bad):
    found = observables()[name]
    film, given = call(found)
    one = partial(found.function, **(given | {argument: ONCE[bad]}))
    path = next(path for path in film.parameters() if path.endswith("thickness"))
    for made in (lambda: ss.sweep(film, {path: [1e-9]}, one), lambda: ss.compile(film, [path], one)):
        with pytest.raises(ss.ParameterError):
            made()


BATCH = np.eye(3)


@pytest.mark.parametrize("name", ["profile", "field_scan", "field_contributions", "temperature_scan"])
def test_a_batch_of_directions_has_no_place_in_the_labels_of_one(name):
    found = observables()[name]
    film, given = call(found)
    with pytest.raises(ss.ParameterError, match=rf"{name}\.m: got .*which are several"):
        found.function(film, **(given | {"m": BATCH}))


def test_a_direction_is_one():
    model, numbers = films()["model"], films()["numbers"]
    for call_, argument in (
        (lambda: ss.initial_slope(model, BATCH, T=5.0), "direction"),
        (lambda: ss.critical_exchange(numbers, direction=BATCH), "direction"),
        (lambda: ss.field_scan(model, [0.0, 1.0], BATCH, T=5.0), "direction"),
        (lambda: ss.field_scan(model, [0.0, 1.0], "z", BATCH, T=5.0), "reference"),
        (lambda: ss.profile(model, B=BATCH, T=5.0), "B"),
        (lambda: ss.field_contributions(model, [0.0, 1.0], "z", m={"Fe": "x"}, T=5.0), "m"),
    ):
        with pytest.raises(ss.ParameterError) as caught:
            call_()
        assert caught.value.field == argument


@pytest.mark.parametrize("length", [1e-320, 1e-200, 1e200, 1e308])
def test_a_direction_of_any_length(length):
    film = metal() | contact() | ferromagnet()
    m = np.array([0.48, 0.6, 0.64])
    np.testing.assert_allclose(
        ss.sheet_resistance(film, m=length * m), ss.sheet_resistance(film, m=m), rtol=1e-3 if length < 1e-310 else 1e-12
    )
    magnet = films()["model"][0].magnet.replace(anisotropy_field=0.1, easy_axis=tuple(length * m))
    np.testing.assert_allclose(magnet.easy_axis, m, rtol=1e-3 if length < 1e-310 else 1e-12)


PARAMETERS = {k: v for k, v in NOTHING_BUT_BAD.items() if k not in ("without end", "no values", *NO_NUMBERS)}


@pytest.mark.parametrize("bad", PARAMETERS.values(), ids=PARAMETERS)
@pytest.mark.parametrize("field", ["thickness", "conductivity", "spin_hall_angle", "spin_diffusion_length"])
def test_a_parameter_is_refused_by_name(field, bad):
    with pytest.raises(ss.ParameterError) as caught:
        metal(**{field: bad})
    assert caught.value.field == field
    with pytest.raises(ss.ParameterError):
        ss.sweep(alone(metal()), {f"Pt.{field}": bad}, ss.sheet_resistance)


@pytest.mark.parametrize("rtol", [1e-300, 1e-16, 0.0, -1.0, 1.0, float("nan"), np.True_, 10**400])
def test_an_accuracy_that_nothing_reaches_is_refused(rtol):
    with pytest.raises(ss.ParameterError) as caught:
        ss.Boltzmann(rtol=rtol)
    assert caught.value.field == "rtol"
    with pytest.raises(ss.ParameterError) as caught:
        ss.DeltaBarrier(barrier=0.4, fermi_wavevector=1e10).tensors((0, 0, 1), tolerance=rtol)
    assert caught.value.field == "tolerance"


def test_an_angle_that_has_lost_its_direction_is_refused():
    film = metal() | contact() | ferromagnet()
    with pytest.raises(ss.ParameterError) as caught:
        ss.angular_scan(film, "beta", angles=[0.0, 1e18])
    assert caught.value.field == "angles"


REPEATED = metal() | contact() | ferromagnet() | contact() | metal()
BATCHES = {
    "replace": lambda: REPEATED.replace({"Pt.thickness": 1e-9, "Pt[0].thickness": 2e-9}),
    "sweep": lambda: ss.sweep(REPEATED, {"Pt.thickness": [1e-9], "Pt[1].thickness": [1e-9]}, ss.magnetoresistance),
    "compile": lambda: ss.compile(REPEATED, ["Pt[0].thickness", "Pt.thickness"], m="y"),
    "the same words": lambda: ss.compile(REPEATED, ["Pt[0].thickness", "Pt[-2].thickness"], m="y"),
    "a tensor and its component": lambda: REPEATED.replace(
        {"Pt.spin_hall_angle[:,:]": np.zeros((3, 2)), "Pt.spin_hall_angle[y,x]": 0.1}
    ),
    "a number and its part": lambda: REPEATED.replace(
        {"Pt|Co.mixing_conductance": 1e14 + 0j, "Pt|Co.mixing_conductance.imag": 1e13}
    ),
}


@pytest.mark.parametrize("two", BATCHES.values(), ids=BATCHES)
def test_one_number_has_one_path(two):
    with pytest.raises(ss.ParameterError, match=r"names a number that '.*' names, too"):
        two()


def test_parts_and_components_are_numbers_of_their_own():
    changes = {
        "Pt[0].thickness": 1e-9, "Pt[1].thickness": 2e-9, "Pt|Co.mixing_conductance.real": 1e14,
        "Pt|Co.mixing_conductance.imag": 1e13, "Pt.spin_hall_angle[y,x]": 0.1, "Pt.spin_hall_angle[x,y]": -0.2,
    }  # fmt: skip
    film = REPEATED.replace(changes)
    assert all(film.get(path) == value for path, value in changes.items())


def test_layers_of_one_name_are_told_apart():
    found = ss.profile(REPEATED, points=2, m="y")
    assert found["layer"].values.tolist() == ["Pt[0]"] * 2 + ["Co"] * 2 + ["Pt[1]"] * 2
    unlike = REPEATED.replace({"Pt[1].spin_hall_angle": -0.2})
    first, second = (ss.average_spin_current(unlike, f"Pt[{i}]", m="y")[1] for i in (0, 1))
    assert first * second < 0
    with pytest.raises(ss.ParameterError, match=r"Layers: Pt\[0\], Co, Pt\[1\]"):
        ss.average_spin_current(REPEATED, "Pt", m="y")
    assert "Pt[1]" in ss.layer_currents(REPEATED, m="y")["element"]
    one = films()["model"][0]
    both = one | metal() | one.replace(magnet=one.magnet.replace(surface_density=6e18))
    lower, upper = (ss.face_conductances(both, 1.0, 20.0, f"I[{i}]")["G_r"] for i in (0, 1))
    assert float(upper) == pytest.approx(2 * float(lower))
    assert arguments(observables()["face_conductances"], both)["insulator"] == "I[1]"
