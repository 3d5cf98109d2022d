"""Shapes of currents in time."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.magnets.pulse import direction_of, waveform

NS = 1e-9


def shape(pulse, t):
    return np.asarray(type(pulse).shape(np.asarray(t) * NS, pulse.timing))


def test_a_pulse_rises_stays_and_falls_along_straight_lines():
    pulse = ss.Pulse(current=2.0, delay=1 * NS, rise=2 * NS, plateau=3 * NS, fall=4 * NS)
    t = [0, 1, 2, 3, 5, 6, 8, 10, 11]
    np.testing.assert_allclose(shape(pulse, t), [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0], atol=1e-12)
    assert pulse.quiet == pytest.approx(10 * NS)
    assert ss.Pulse(current=1.0, rise=2 * NS, plateau=1 * NS).timing == pytest.approx([0, 2 * NS, 3 * NS, 5 * NS])


def test_a_pulse_without_rise_is_a_step_that_is_on_from_its_beginning_to_its_end():
    pulse = ss.Pulse(current=1.0, plateau=1 * NS, delay=1 * NS)
    np.testing.assert_array_equal(shape(pulse, [0.999, 1, 1.5, 1.999, 2, 3]), [0, 1, 1, 1, 0, 0])


def test_a_sine_and_a_constant():
    sine = ss.Alternating(current=1.0, frequency=1e9, phase=0.3)
    np.testing.assert_allclose(shape(sine, [0, 0.1, 0.6]), np.sin(2 * np.pi * np.array([0, 0.1, 0.6]) + 0.3))
    assert np.isinf(sine.quiet)
    np.testing.assert_array_equal(waveform([1.0, 2.0]).current, [1.0, 2.0])
    assert waveform(sine) is sine


@pytest.mark.parametrize(
    "given", [{"plateau": -1.0}, {"rise": -1e-9}, {"fall": -1e-9}, {"delay": -1e-9}, {"current": np.nan}]
)
def test_a_pulse_that_is_none_is_refused(given):
    with pytest.raises(ss.ParameterError) as found:
        ss.Pulse(**{"current": 1.0, "plateau": 1e-9} | given)
    assert found.value.field in given


def test_directions_of_the_current():
    np.testing.assert_allclose(direction_of((3, 4)), [0.6, 0.8])
    np.testing.assert_array_equal([direction_of("x"), direction_of("y")], np.eye(2))
    for wrong in ("z", (0, 0), (1, 0, 0), np.eye(2)):
        with pytest.raises(ss.ParameterError) as found:
            direction_of(wrong)
        assert found.value.field == "along"
