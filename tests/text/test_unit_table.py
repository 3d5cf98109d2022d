"""The table of units and the unit library say the same, digit by digit, and the table is asked first."""

import subprocess
import sys
from decimal import Decimal

import pytest

from spinstack.text import units
from spinstack.text.unit_table import UNITS


@pytest.mark.parametrize("unit", [u for u, (_, si) in UNITS.items() if si != "1"])
def test_the_unit_library_has_the_same_exact_factor(unit, monkeypatch):
    factor, si = UNITS[unit]
    assert units.conversion(unit, si) is factor
    monkeypatch.setattr(units, "UNITS", {})
    found = units.conversion.__wrapped__(unit, si)
    assert isinstance(found, Decimal)
    assert found == factor


def test_a_quantity_in_common_units_loads_no_unit_library():
    code = (
        "import sys; from spinstack.text.units import parse_quantity; "
        "print(parse_quantity('5 nm', 'm'), parse_quantity('20 uOhm cm', 'ohm m'), 'pint' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "5e-09 2e-07 False\n"
