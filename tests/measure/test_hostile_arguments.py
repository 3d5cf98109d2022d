"""Steps and analyses refuse what is no number, no list, no word: by the name of the argument, before they compute."""

import inspect
import warnings

import numpy as np
import pytest

from spinstack.measure import analysis as registry
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.text.errors import SpinstackError

RNG = np.random.default_rng(0)
SIZES = {"bar_width": 2e-4, "bar_length": 1e-3, "film_thickness": 1e-8, "plane": "alpha"}
B, SIDE = np.concatenate([np.linspace(-5, 5, 81), np.linspace(5, -5, 81)]), np.repeat([1.0, -1.0], 81)
T, ANGLE, ENERGY = np.linspace(2, 300, 150), np.arange(0, 361, 5.0), np.linspace(840, 890, 200)


def noise(count):
    return 1e-3 * RNG.standard_normal(count)


LOOP = measurement(
    {"R_xy": np.tanh((B - SIDE) / 0.3) + 0.1 * B + noise(162), "R_xx": 100 + 0.1 * B**2 + noise(162),
     "moment": 1e-8 * (np.tanh((B - SIDE) / 0.3) + noise(162))},
    {"field": B, "time": np.arange(162.0)}, SIZES,
)  # fmt: skip
COOLED = measurement(
    {"R_xx": 100 + 0.3 * T + 20 / (T + 3) + noise(150), "moment": 1e-8 * (np.clip(1 - T / 80, 0, 1) + noise(150))},
    {"temperature": T, "field": np.full(150, 0.1)}, SIZES,
)  # fmt: skip
TURNED = measurement(
    {"R_xx": 100 + 0.1 * np.cos(2 * np.deg2rad(ANGLE)) + noise(73), "V_xx": 0.1 + noise(73), "V_X": 1 + noise(73),
     "V_Y": noise(73)},
    {"angle": ANGLE, "time": np.arange(73.0), "current": np.where(np.arange(73) % 2, 1e-3, -1e-3)}, SIZES,
)  # fmt: skip
SPECTRUM = measurement(
    {"intensity": noise(200) + np.exp(-((ENERGY - 855) ** 2)) + np.exp(-((ENERGY - 860) ** 2)) + (ENERGY > 850)},
    {"energy": ENERGY},
)
X, Z = np.meshgrid(np.linspace(1.57e10, 1.66e10, 31), np.linspace(4.79e10, 5.02e10, 41))
LINES = sum(
    k * np.exp(-(((X - 1.611e10) / 8e7) ** 2) - ((Z - at) / 2e8) ** 2) for k, at in ((1e4, 4.833e10), (300, 4.96e10))
)
MAP = measurement({"intensity": RNG.poisson(5 + LINES).ravel()}, {"q_x": X.ravel(), "q_z": Z.ravel()})
LAYERS = registry.analysis("parallel_layers")(
    [{"a": 1e-9 * n, "b": 1e-9, "resistivity": 1e-6 * (1 + 0.1 * n), "resistivity_error": 1e-8} for n in (1, 2, 3)]
)
DATA = {"angles": TURNED, "superlattice": SPECTRUM, "sweeps": LOOP}
COLD = ("residual_ratio", "upturn", "critical_temperature", "curie_weiss", "splitting_temperature", "resistivity_at")
#: what has no default
NEEDED = {
    "part": {"by": "temperature", "number": 0}, "shift_angle": {"shift": 1.0}, "subtract_control": {"control": LOOP},
    "subtract_substrate": {"above": 3.0}, "average_repeats": {"over": "field", "tolerance": 0.1},
    "correct_loading": {"impedance": 1e9}, "correct_arms": {"arm_width": 1e-5, "arm_length": 1e-4},
    "resistivity_at": {"temperature": 77.0}, "curie_weiss": {"window": (100.0, 300.0)},
    "splitting_temperature": {"field_cooled": COOLED}, "fit_edges": {"peaks": [855.0, 860.0]},
    "window_integrals": {"windows": {"a": (850.0, 865.0)}, "pre_edge": (841.0, 848.0)},
    "edge_shift": {"reference": SPECTRUM}, "predict": {"samples": [{"a": 1e-9, "b": 2e-9}]},
    "reciprocal_map": {"hkl": (1, 0, 3), "substrate": (3.9e-10, 3.9e-10), "film": 3.8e-10},
    "orbital_polarization": {"out_of_plane": SPECTRUM, "window": (850.0, 865.0), "pre_edge": (841.0, 848.0)},
}  # fmt: skip
HOSTILE = ["x", float("nan"), True, [], {}, -1, [1, "a"], object(), b"x", 2.5, np.array([])]
EACH = [n for n in registry.ANALYSES if registry.feed(registry.analysis(n)) == "each"]
CALLS = {n: (registry.step_function(n), TURNED) for n in registry.step_names()} | {
    n: (
        registry.analysis(n),
        LAYERS
        if n == "predict"
        else MAP
        if n == "reciprocal_map"
        else COOLED
        if n in COLD
        else DATA.get(registry.ANALYSES[n].home, LOOP),
    )
    for n in EACH
}


def _call(function, data, arguments):
    """The error of a call, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function(data, **arguments)
        except (SpinstackError, TypeError) as error:  # Python's own where another argument is missing
            return error
    return None


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", CALLS)
def test_hostile_arguments_are_refused_by_name_or_taken_as_what_they_are(name):
    function, data = CALLS[name]
    needed = NEEDED.get(name, {})
    for argument in list(inspect.signature(function).parameters.values())[1:]:
        if argument.kind in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL):
            continue
        for value in HOSTILE:
            told = _call(function, data, {**needed, argument.name: value})
            assert isinstance(told, SpinstackError | None) or "missing" in str(told), (argument.name, value, told)


def test_all_that_is_of_the_wrong_kind_is_told_at_once():
    with pytest.raises(MeasurementError) as caught:
        registry.analysis("hysteresis_loop")(LOOP, reading=3, above="2 T", drift=1)
    assert [e.field for e in caught.value.errors] == ["reading", "above", "drift"]
    assert "above [T]: got '2 T'. Allowed: a number or None" in str(caught.value)
    with pytest.raises(MeasurementError, match=r"window \[K\]: got \(1.0, 2.0, 3.0\). Allowed: a list of 2 numbers"):
        registry.analysis("curie_weiss")(COOLED, window=(1.0, 2.0, 3.0))


def test_numbers_of_arrays_and_of_results_are_numbers():
    hysteresis_loop = registry.analysis("hysteresis_loop")
    plain = hysteresis_loop(LOOP, above=3.0)
    for three in (np.float64(3), np.array(3), 3, plain["value"].sel(parameter="bias") * 0 + 3):
        np.testing.assert_array_equal(hysteresis_loop(LOOP, above=three)["value"], plain["value"])
