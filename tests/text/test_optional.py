"""Packages of extras: found, or named with what to install."""

import math

import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.text.errors import ParameterError
from spinstack.text.optional import optional


def test_the_module_itself_is_given():
    assert optional("math", "fit", "a fit") is math


@pytest.mark.parametrize("error", [ParameterError, MeasurementError])
def test_what_is_missing_is_named_with_the_extra(error):
    with pytest.raises(error) as caught:
        optional("no_such_package.inside", "fit", "a fit", error=error)
    assert str(caught.value) == (
        "a fit: needs the package no_such_package, which cannot be imported (No module named 'no_such_package'). "
        "Install it with: pip install 'spinstack[fit]'."
    )
    assert caught.value.where == "a fit"
