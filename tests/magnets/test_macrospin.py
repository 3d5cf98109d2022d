"""What a single moment may say about itself, and what two statements do not agree with each other."""

import numpy as np
import pytest
from magnet_tables import film

import spinstack as ss

MU0 = 4e-7 * np.pi


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"magnetization": 0.0}, "magnetization"),
        ({"damping": -0.01}, "damping"),
        ({"g_factor": 0.0}, "g_factor"),
        ({"volume": 0.0}, "volume"),
        ({"anisotropy_field": 0.4}, "easy_axis"),
        ({"exchange_bias": 0.1}, "bias_direction"),
        ({"cubic_field": 0.1}, "cubic_axis"),
        ({"cubic_field": 0.1, "cubic_axis": (1, 0, 1)}, "cubic_axis"),
        ({"anisotropy_field": 0.4, "easy_axis": "w"}, "easy_axis"),
        ({"anisotropy_field": 0.4, "easy_axis": "z"}, "anisotropy_field"),
        ({"demagnetizing_factor": 1.0}, "effective_magnetization"),
        ({"effective_magnetization": None}, "effective_magnetization"),
        ({"effective_magnetization": None, "surface_anisotropy": 1e-3}, "demagnetizing_factor"),
        ({"surface_anisotropy": 1e-3}, "demagnetizing_factor"),
        ({"volume_anisotropy": 1e5}, "demagnetizing_factor"),
        ({"effective_magnetization": None, "demagnetizing_factor": 1.5}, "demagnetizing_factor"),
    ],
)
def test_what_is_missing_or_said_twice_is_named(given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.Macrospin("Co", **{"magnetization": 1e6, "effective_magnetization": 0.8} | given)
    assert field in [one.field for one in found.value.errors]
    assert "Co" in str(found.value)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ss.ParameterError) as found:
        ss.Macrospin("Co", magnetization=1e6, cubic_field=0.1, exchange_bias=0.1)
    assert [one.field for one in found.value.errors] == ["bias_direction", "cubic_axis", "effective_magnetization"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"effective_magnetization": 0.7}, 0.7),
        ({"demagnetizing_factor": 1.0}, MU0 * 1.1e6),
        ({"demagnetizing_factor": 0.9, "surface_anisotropy": 1e-3}, MU0 * 1.1e6 * 0.9 - 2e-3 / 1.1e6 / 1e-9),
        ({"demagnetizing_factor": 1.0, "volume_anisotropy": 3e5}, MU0 * 1.1e6 - 6e5 / 1.1e6),
        ({"anisotropy_field": 0.4, "easy_axis": "z"}, 0.0),
    ],
)
def test_what_holds_it_in_the_plane_follows_from_what_was_said(given, expected):
    model = ss.MagneticModel(film(), [ss.Macrospin("Co", magnetization=1.1e6, **given)])
    assert model.effective_magnetizations == pytest.approx([expected], rel=1e-8)


def test_axes_are_kept_as_unit_vectors_and_a_copy_has_the_same_bits():
    one = ss.Macrospin("Co", magnetization=1e6, anisotropy_field=0.1, easy_axis=(1, 1, 1), effective_magnetization=0.0)
    assert np.linalg.norm(one.easy_axis) == pytest.approx(1, rel=1e-15)
    assert one.replace(damping=0.1).easy_axis == one.easy_axis
