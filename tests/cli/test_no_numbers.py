"""A result that is no number is never shown as one: a message with the culprit, and another code."""

from pathlib import Path

import numpy as np
import pytest
from commands import load
from sample_texts import BILAYER

from spinstack.cli import main

SCAN = '[[scan]]\nplane = "beta"\nangles = ["0 deg", "90 deg"]\n'
QUIET = "[output]\nfigures = []\n"


@pytest.mark.parametrize("again", [False, True])
def test_a_map_names_its_first_film_without_a_number(sample, capsys, again):
    file = sample(BILAYER + '[[map]]\nover = { "Pt.thickness" = ["1 nm", "1e200 m", "2 nm"] }\n' + QUIET)
    for _ in range(1 + again):  # what is stored is told as well
        capsys.readouterr()
        assert main(["run", file, "-o", "out"]) == 1
    out, err = capsys.readouterr()
    assert "Warning: Pt.thickness is 1e+200 m; people meet" in err
    assert "magnetoresistance is not a finite number (1 of 3 values, first at Pt.thickness 1e+200)" in err
    assert "Pt.thickness is 1e+200 m; people meet" in err.splitlines()[-1]
    values = load(Path("out"), "map")["magnetoresistance"].values
    assert np.isnan(values).tolist() == [False, True, False]
    assert "map.nc" in out


def test_the_table_shows_what_it_is(sample, capsys):
    assert main(["run", sample(BILAYER.replace('"5 nm"', '"1e300 m"', 1) + SCAN + QUIET), "-o", "out"]) == 1
    row = next(line.split() for line in capsys.readouterr().out.splitlines() if " beta " in line)
    assert "0" not in row
    assert row[-3:] == ["nan", "+nan", "nan"]


@pytest.mark.parametrize("thickness", ["1 km", "3 Mm"])
@pytest.mark.parametrize("command", ["show", "run"])
def test_what_nobody_grows_is_said_and_computes(sample, capsys, thickness, command):
    file = sample(BILAYER.replace('"5 nm"', f'"{thickness}"', 1) + SCAN + QUIET)
    assert main([command, file]) == 0
    assert "Warning: Pt.thickness is " in capsys.readouterr().err
