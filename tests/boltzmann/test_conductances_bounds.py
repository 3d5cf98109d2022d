"""Bare conductances that no electrons can carry are refused wherever they are corrected."""

import pytest

import spinstack as ss

K_F = 1.36e10


@pytest.mark.parametrize("mixing", [1e13, 2 * 7.163e14, 3 * 7.163e14])
def test_mixing_conductances_out_of_reach_are_refused_with_what_was_given(mixing):
    interface = ss.Interface(conductance_up=3e14, conductance_down=1e14, mixing_conductance=mixing, conductances="bare")
    with pytest.raises(ss.ParameterError, match="no electrons") as found:
        interface.corrected(K_F)
    assert found.value.got == mixing


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reflected": "x"}, "reflected"),
        ({"reflected": [0.1, 0.2]}, "reflected"),
        ({"reflected": 0.1, "conductance_up": 1e14}, "conductance_up"),
        ({"reflected": 0.1, "conductances": "corrected"}, "conductances"),
    ],
)
def test_probabilities_refuse_what_is_no_number_or_follows_from_them(given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.Interface.of_probabilities(0.5, 0.2, fermi_wavevector=K_F, **given)
    assert found.value.field == field
