"""Checks of the arguments of steps and analyses: those of :mod:`spinstack.text.checks`, refused by MeasurementError."""

from functools import partial

from spinstack.measure.measurement import MeasurementError
from spinstack.text import checks

choice = partial(checks.choice, error=MeasurementError)
number = partial(checks.number, error=MeasurementError)
required = partial(checks.required, error=MeasurementError)
switch = partial(checks.switch, error=MeasurementError)
whole = partial(checks.whole, error=MeasurementError)
