"""Sample files that crashed, hung or gave no numbers, with what they have to give."""

import os
from pathlib import Path

import numpy as np
import pytest
from commands import load

from spinstack.cli import main
from spinstack.study import Run, read_film_study
from spinstack.text.document import parse_document

FOLDER = Path(__file__).parents[1] / "data" / "films"
#: exit code, and words of standard error; with code 2 they stand behind the name of the file
CASES = {
    "conductivity_1e300": (1, "Pt.conductivity is 1e+300 S/m"),
    "thickness_1e300": (1, "Pt.thickness is 1e+300 m"),
    "spin_diffusion_length_1e-300": (1, "Pt.spin_diffusion_length is 1e-300 m"),
    "face_conductances_1e8_points": (2, "line 20, face_conductances[0]: asks for 100,020,001 points."),
    "field_scan_holds_m": (2, "line 28, field_scan[0].m: no direction for Co."),
    "field_scan_1e8_points": (2, "line 20, field_scan[0]: asks for 100,020,001 points."),
    "insulator_easy_axis_huge_int": (2, "line 8, film[0] (magnetic_insulator).magnet.easy_axis: got [9"),
    "magnet_named_component_in_torque": (2, "line 21, torque[0]: torque.name: got 'component', which is what an axis"),
    "map_over_set_same_param": (2, "line 23, map[0].over.Pt.thickness: got 'Pt.thickness', which names a number that"),
    "map_path_index_many_digits": (2, "line 22, map[0].over.Pt[9"),
    "map_same_path_twice": (2, "line 22, map[0].over.Pt[0].thickness: got 'Pt[0].thickness', which names a number"),
    "map_observable_name_dict": (2, "line 23, map[0].observable.name: got {'a': 1}."),
    "output_dir_NUL": (2, r"line 25, output.directory: got 'a\x00b'."),
    "output_dir_tilde": (0, ""),
    "profile_m_huge_int": (2, "line 22, profile[0].m[1]: got 9"),
    "scan_angles_1e18_deg": (
        2,
        "line 23, scan[0].angles: got (0.0, 1e+18). Allowed: one-dimensional numbers in degrees",
    ),
    "profile_named_film": (2, "line 22, profile[0].name: got 'film', which the figure of the film has."),
    "title_mathtext_broken": (0, ""),
    "title_terminal_escape": (0, ""),
    "title_with_NUL_control_escapes": (0, ""),
}


def first(name, *changes):
    """The first result of a case with some of its text changed."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for change in changes:
        assert change[0] in text
        text = text.replace(*change)
    return next(iter(Run(read_film_study(parse_document(text))))).dataset


@pytest.mark.study
def test_the_field_turns_and_the_neel_vector_finds_its_place():
    R = first("nio_admr", ('T = "300 K"', 'T = "300 K"\nangles = ["0 deg", "45 deg", "90 deg"]')).R_xx.values
    # the negative sign of the spin Hall magnetoresistance; flat in beta, where the easy plane is the film's
    np.testing.assert_allclose(R / R[:, :1] - 1, [[0, 1.353e-5, 2.705e-5], [0, 3.1e-9, 6.3e-9]], atol=5e-9)


def test_a_magnet_along_the_field_has_its_hall_signal():
    scan = first(
        "field_scan_holds_m",
        ('[[scan]]\nplane = ["alpha","beta","gamma"]\n', ""),
        ('direction = "z"', 'direction = "z"\nm = "along B"'),
    )
    np.testing.assert_allclose(scan.R_xy.values[[0, -1]], [-0.0923946, 0.0923946], rtol=1e-5)


def test_every_case_has_its_right_value():
    assert {file.stem for file in FOLDER.iterdir()} == {*CASES, "nio_admr"}


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
