"""Sample files that crashed, hung or gave no numbers, with what they have to give."""

import os
from pathlib import Path

import numpy as np
import pytest
from commands import load

from spinstack.cli import main

FOLDER = Path(__file__).parents[1] / "data" / "films"
#: exit code, and words of standard error; with code 2 they stand behind the name of the file
CASES = {
    "conductivity_1e300": (1, "Pt.conductivity is 1e+300 S/m"),
    "thickness_1e300": (1, "Pt.thickness is 1e+300 m"),
    "spin_diffusion_length_1e-300": (1, "Pt.spin_diffusion_length is 1e-300 m"),
    "face_conductances_1e8_points": (2, "line 20, face_conductances[0]: asks for 100,020,001 points."),
    "field_scan_1e8_points": (2, "line 20, field_scan[0]: asks for 100,020,001 points."),
    "magnet_named_component_in_torque": (2, "line 21, torque[0]: torque.name: got 'component', which is what an axis"),
    "map_observable_name_dict": (2, "line 23, map[0].observable.name: got {'a': 1}."),
    "output_dir_NUL": (2, r"line 25, output.directory: got 'a\x00b'."),
    "output_dir_tilde": (0, ""),
    "profile_named_film": (2, "line 22, profile[0].name: got 'film', which the figure of the film has."),
    "title_mathtext_broken": (0, ""),
    "title_terminal_escape": (0, ""),
    "title_with_NUL_control_escapes": (0, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_what_is_right(here, capsys, monkeypatch, tmp_path_factory, name):
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    code, words = CASES[name]
    file = FOLDER / f"{name}.toml"
    assert main(["run", str(file)]) == code
    out, err = capsys.readouterr()
    assert words in err
    assert not {"Traceback", "\x1b", "\0"} & {*(out + err).split(), *(out + err)}
    if code == 2:
        assert err.startswith(f"Error: {file}, line ")
        assert list(here.iterdir()) == []
        return
    place = home / "x" if name == "output_dir_tilde" else here / "results" / name
    R = load(place, "angular_scan")["R_xx"].values
    if code == 1:
        assert "is not a finite number" in err
        assert not np.isfinite(R).any()
    else:
        np.testing.assert_allclose(R, [[45.3376, 45.3376 * 1.000232]], rtol=1e-5)
    assert sorted(os.listdir(here)) == ([] if name == "output_dir_tilde" else ["results"])
