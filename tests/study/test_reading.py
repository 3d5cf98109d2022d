"""Reading sample files: everything that is wrong in one error, with fields; one piece of code for all tables."""

import re
from pathlib import Path

import pytest
from sample_texts import BILAYER, MODEL, NUMBERS, PY

import spinstack as ss
from spinstack.study import Run, read_data_study, read_film_study
from spinstack.study.entries import entries, mapped
from spinstack.text.document import SampleError, parse_document

WRONG = """
[[scan]]
plane = "delta"
angles = { start = "0 nm", stop = "1 deg", points = 3 }
fild = "1 T"
name = "a/b"
[[profile]]
m = [0, 0, 0]
points = 1
E = [0, 0]
set = { "Pt.thickness" = "-1 nm", "Pt.thicknes" = "1 nm" }
[[map]]
over = { "Cu.thickness" = ["1 nm"], "Pt.thickness" = ["1 nm", "1 nm"] }
observable = { name = "average_spin_current", layer = "Cu", m = { Co = "x" } }
step = 3
[output]
figures = ["jpg"]
directory = 3
[solver]
kind = "kubo"
"""


def test_every_mistake_of_a_file_is_told_in_one_error():
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(BILAYER + WRONG, "s.toml"))
    errors = caught.value.errors
    lines = (BILAYER + WRONG).split("\n")
    places = {error.words for error in errors}
    assert places == {
        "scan[0].plane", "scan[0].angles.start", "scan[0].fild", "scan[0].name", "profile[0].m",
        "profile[0].E", "profile[0].set.Pt.thicknes", "profile[0].set", "map[0].over.Cu.thickness",
        "map[0].over.Pt.thickness", "map[0].observable.layer", "map[0].observable.m.Co", "map[0].step",
        "output.figures[0]", "output.directory", "solver.kind",
    }  # fmt: skip
    for error in errors:
        assert error.source == "s.toml"
        assert error.field in lines[error.line - 1] or error.field in ("set",)
        assert str(error) in str(caught.value)
    (plane,) = (error for error in errors if error.words == "scan[0].plane")
    assert plane.fields() == {
        "where": "scan[0]", "field": "plane", "unit": "", "got": "delta", "why": "",
        "allowed": "'alpha', 'beta', 'gamma'; or a list of 'alpha', 'beta', 'gamma'",
        "remedy": "Did you mean 'beta'?", "source": "s.toml", "line": lines.index('plane = "delta"') + 1,
    }  # fmt: skip


def test_the_same_fault_is_told_alike_whatever_a_layer_is_called():
    told = set()
    numbers = 'thickness = "5 nm"\nconductivity = "5e6 S/m"\nspin_diffusion_length = "1 nm"\n'
    metal = f'[[film]]\nkind = "metal"\nname = "%s"\n{numbers}'
    given = 'conductance_up = "4e14 S/m^2"\nconductance_down = "4e14 S/m^2"\nprecession = "1e4 S/m"\n'
    joint = f'[[film]]\nkind = "interface"\n{given}'
    for name in ("Pt", "Pt: sputtered"):
        text = "spinstack = 1\n" + metal % name + joint + metal % "Cu"
        with pytest.raises(SampleError) as caught:
            read_film_study(parse_document(text, "s.toml"))
        told.add(str(caught.value))
    (line,) = told
    assert line.startswith("s.toml, line 12, film[1] (interface).precession: ")


def test_every_mistake_of_an_analysis_file_is_told_in_one_error(tmp_path):
    text = """\
spinstack = 1
[common]
film_thickness = "3"
[[file]]
path = "none.csv"
plan = "alpha"
[[file]]
[[step]]
do = "select"
files = "x"
[[step]]
do = "remove_spike"
[[step]]
do = "shift_angle"
[[analysis]]
do = "fit_harmonics"
orders = ["two"]
order = 2
[[analysis]]
do = "amplitude_table"
"""
    file = tmp_path / "film.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SampleError) as caught:
        read_data_study(file)
    assert [error.words for error in caught.value.errors] == [
        "common.film_thickness", "file[0].plan", "file[0].path", "file[1].path", "step[0].files", "step[1].do",
        "step[2].shift", "analysis[0].orders[0]", "analysis[0].order", "analysis[1].of",
    ]  # fmt: skip


def test_a_map_takes_its_film_and_its_conditions_from_its_own_table():
    text = """
[[map]]
over = { "Py.thickness" = ["2 nm", "4 nm"] }
observable = { name = "sheet_resistance", component = "xy", m = { Py = [0, 0, 2] }, B = [0, 0, "1 T"] }
set = { "Pt.spin_hall_angle" = 0 }
T = "5 K"
"""
    (request,) = read_film_study(parse_document(BILAYER + text)).requests
    assert request.arguments == {"m": {"Py": (0.0, 0.0, 1.0)}, "B": (0.0, 0.0, 1.0), "T": 5.0}
    assert request.component.index == (1, 0)
    assert request.words == "sheet resistance, component xy"
    assert request.conditions == "m(Py) = (0, 0, 1), B = (0, 0, 1) T, T = 5 K, Pt.spin_hall_angle = 0"
    assert request.film.get("Pt.spin_hall_angle") == 0


def test_checking_evaluates_no_barrier(monkeypatch):
    """Neither reading nor the check for solutions integrates; the run does, once for its film and direction."""
    solved = []
    integrals = ss.DeltaBarrier.integrals

    def counted(self, m, tolerance):
        solved.append(m)
        return integrals(self, m, tolerance)

    monkeypatch.setattr(ss.DeltaBarrier, "integrals", counted)
    barrier = 'scattering = { kind = "delta_barrier", barrier = 0.6, exchange = 0.3, fermi_wavevector = "13.6 1/nm" }'
    film = BILAYER[: BILAYER.index("conductance_up")] + barrier + BILAYER[BILAYER.index('\n[[film]]\nkind = "ferro') :]
    study = read_film_study(parse_document(film + '[[profile]]\nm = "z"\n'))
    study.check()
    assert not solved
    list(Run(study))
    assert len(solved) == 1


def test_a_study_of_python_is_one_of_a_document():
    study = read_film_study(parse_document(BILAYER))
    assert [request.name for request in study.requests] == ["angular_scan", "profile"]
    assert isinstance(study.film, ss.Film)


def test_the_requests_of_the_page_are_read():
    page = (Path(__file__).parents[2] / "docs" / "sample_file.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    metal = MODEL[MODEL.index('[[film]]\nkind = "metal"') :]
    of_magnets = [b for b in blocks if not any(word in b for word in ("[[film]]", "[solver]", "[[magnet]]"))]
    document = parse_document("\n".join(["spinstack = 1", blocks[1], metal, *of_magnets]))
    assert len(read_film_study(document).requests) == 6
    (moving,) = [b for b in blocks if "[[magnet]]" in b]
    magnets = METAL + "".join(PY.replace('"Py"', f'"{name}"') for name in ("Co", "Py"))
    assert len(read_film_study(parse_document("\n".join([magnets, moving]))).requests) == 2
    (theories,) = [b for b in blocks if "[solver]" in b]
    metal = re.sub(r"^diffusion_coefficient.*$", "", metal, flags=re.MULTILINE)  # which one theory does not contain
    document = parse_document("\n".join(["spinstack = 1", metal, theories]))
    assert len(read_film_study(document).requests) == 2


def told(text):
    """Everything that is wrong with a file."""
    try:
        read_film_study(parse_document(text)).check()
    except SampleError as error:
        return error.errors
    return ()


METAL = BILAYER.replace(PY, "")
OVER = 'over = { "Pt.thickness" = ["1 nm", "2 nm"] }'


@pytest.mark.parametrize("name", ["magnetoresistance", "spin_current_mr_ratio", "torque"])
def test_a_map_refuses_what_a_single_call_refuses(name):
    """Of a film without a magnet: nothing turns, nothing takes a torque."""
    film = read_film_study(parse_document(METAL)).film
    with pytest.raises(ss.ParameterError) as caught:
        getattr(ss, name)(film)
    (error,) = told(f'{METAL}[[map]]\nobservable = "{name}"\n{OVER}')
    assert caught.value.why in error.why


def test_a_map_of_nothing_that_turns_is_refused_and_one_in_a_field_is_not():
    (error,) = told(f"{METAL}[[map]]\n{OVER}")
    assert error.words == "map[0].observable"
    assert "the film has no magnet: nothing turns" in str(error)
    assert told(f'{METAL}[[map]]\n{OVER}\nobservable = {{ name = "magnetoresistance", field = "1 T" }}') == ()


REQUESTS = [f"[[{word}]]" for word in entries()] + [
    "[[temperature_scan]]\ngap = true", "[[field_scan]]\ncontributions = true",
    *(f'[[map]]\nobservable = "{name}"\n{OVER}' for name in mapped()),
]  # fmt: skip


@pytest.mark.parametrize("film", [MODEL, NUMBERS, BILAYER, METAL], ids=["model", "numbers", "bilayer", "metal"])
@pytest.mark.parametrize("asked", REQUESTS)
def test_what_is_missing_is_told_once(film, asked):
    errors = told(film + asked)
    missing = [error.words for error in errors if error.why.startswith("missing")]
    assert len(set(missing)) == len(missing)
    assert len(set(map(str, errors))) == len(errors)


@pytest.mark.parametrize("film", [MODEL, NUMBERS], ids=["model", "numbers"])
@pytest.mark.parametrize("gap", ["", "gap = true"])
def test_a_scan_of_temperatures_without_temperatures_says_so_once(film, gap):
    missing = [error.words for error in told(f"{film}[[temperature_scan]]\n{gap}") if "missing" in error.why]
    assert missing == ["temperature_scan[0].T"]
