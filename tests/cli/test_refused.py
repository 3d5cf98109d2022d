"""Requests that no film can answer, and wrong commands: told with line, field and remedy before anything is made."""

import re
from pathlib import Path

import pytest
from commands import refused
from sample_texts import BILAYER, BOTH, FILTERING, MODEL, NUMBERS, SOLVER

REQUESTS = [
    ('[[scan]]\nplane = "delta"', "plane", "'alpha'"),
    ('[[scan]]\nplane = ["beta", "beta"]', "plane", "twice"),
    ("[[scan]]\nplane = []", "plane", "list"),
    ("[[scan]]\nangle = 3", "angle", "angles"),
    ('[[scan]]\nangles = { start = "0 nm", stop = "1 deg", points = 3 }', "start", "deg"),
    ('[[scan]]\nangles = { start = 0, stop = "1 deg", points = 3 }', "start", "no unit"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 1 }', "points", "from 2"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 10000000000 }', "points", "10001"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = true }', "points", "whole number"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 3, step = 1 }', "step", "unknown"),
    ('[[scan]]\nangles = { start = "5 deg", stop = "5 deg", points = 3 }', "stop", "same as start"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "9 deg", points = 3, spacing = "log" }', "spacing", "zero"),
    ("[[scan]]\nangles = []", "angles", "empty"),
    ('[[scan]]\nfield = "1 nm"', "field", "T"),
    ('[[scan]]\nfield = "nan T"', "field", "NaN"),
    ("scan = 3", "scan", "table"),
    ('[[scan]]\nname = "../evil"', "name", "names files"),
    ('[[scan]]\nname = "a"\n[[profile]]\nname = "A"', "name", "own name"),
    ("[[profile]]\nm = [0, 0, 0]", "m", "no direction"),
    ("[[profile]]\nm = [0, 1]", "m", "three numbers"),
    ("[[profile]]\nm = [0, nan, 1]", "m[1]", "NaN"),
    ("[[profile]]\nm = { Co = [0, 1, 0] }", "Co", "Py"),
    ("[[profile]]\nm = {}", "m", "'Py'"),
    ('[[profile]]\nE = ["1 V/m"]', "E", "two numbers"),
    ('[[profile]]\nE = ["1 V", 0]', "E", "V/m"),
    ("[[profile]]\nE = [0, 0]", "E", "nothing flows"),
    ('[[profile]]\nm = "y"\npoints = 1', "points", "from 2"),
    ('[[map]]\nobservable = "magnetoresistance"', "over", "table"),
    ("[[map]]\nover = {}", "over", "(a curve)"),
    ('[[map]]\nover = { "Pt.thicknes" = ["1 nm"] }', "Pt.thicknes", "no such parameter"),
    ('[[map]]\nover = { "Cu.thickness" = ["1 nm"] }', "Cu.thickness", "which the film does not have"),
    ('[[map]]\nover = { "thickness" = ["1 nm"] }', "thickness", "element.field"),
    ('[[map]]\nover = { "Pt.thickness" = ["-1 nm"] }', "Pt.thickness", "too small"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm", "1 nm"] }', "Pt.thickness", "twice"),
    ('[[map]]\nover = { "Pt.thickness" = "1 nm" }', "Pt.thickness", "a list of numbers"),
    ('[[map]]\nover = { "Pt.thickness" = { start = "1 nm", stop = "2 nm" } }', "Pt.thickness.points", "missing"),
    ('[[map]]\nover = { "Pt|Py.mixing_conductance" = ["1e15 S/m^2"] }', "mixing_conductance", ".real"),
    ('[[map]]\nover = { "Py.polarization" = [0.2, 1.0] }', "Py.polarization", "too large"),
    (
        '[[map]]\nover = { "Pt.thickness" = { start = "1 nm", stop = "2 nm", points = 9999 }, '
        '"Py.thickness" = { start = "1 nm", stop = "2 nm", points = 9999 } }',
        "over",
        "fewer points",
    ),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = "resistance"', "resistance", "sheet_resistance"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = {}', "name", "magnetoresistance"),
    (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "spin_current_mr_ratio", layer = "Py" }',
        "layer",
        "Pt",
    ),
    (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\n'
        'observable = { name = "sheet_resistance", m = "y", component = "zz" }',
        "component",
        "'xx'",
    ),
    ('[[scan]]\nset = { "Pt.thicknes" = "1 nm" }', "Pt.thicknes", "no such parameter"),
    ('[[scan]]\nset = { "Pt.thickness" = "-1 nm" }', "Pt", "too small"),
    ('[[scan]]\nset = { "Pt.thickness" = 1e-9 }', "Pt.thickness", "unit"),
    ('[[scan]]\nset = "thin"', "set", "Write set ="),
    ('[output]\nfigures = ["jpg"]', "figures", "'png'"),
    ('[output]\ndirectory = ""', "directory", "folder"),
    ("[plot]\nx = 1", "plot", "unknown"),
]
ON_A_MAGNET_MODEL = [
    ("[[scan]]", "scan[0].T", 'a quantity such as "300 K"'),
    ("[[profile]]", "profile[0].T", "conductances of F follow from it"),
    ("[[torque]]", "torque[0].T", "missing"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }', "map[0].T", "missing"),
    ('[[map]]\nT = 5\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "magnetoresistance", T = 5 }',
     "map[0].T", "Give one"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = "critical_exchange"', "observable",
     "given by numbers"),
    ('[[map]]\nT = 5\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "initial_slope", direction = "w" }',
     "direction", "three numbers"),
    ('[[map]]\nT = 5\nover = { "F.magnet.spin" = [0.2] }', "F.magnet.spin", "too small"),
    ('[[scan]]\nT = "-5 K"', "T", "from 0 K"),
    ('[[scan]]\nT = "5 degC"', "T", "converts to K"),
    ('[[scan]]\nT = ["5 K"]', "T", "a list, not a quantity"),
    ('[[scan]]\nT = "5 K"\nset = { "F.magnet.spin" = 0.2 }', "set", "too small"),
    ('[[scan]]\nT = "5 K"\nset = { "F.magnet.exchange_coupling" = "5 eV" }', "exchange_coupling", "J m^3"),
    ("[[field_scan]]\nT = 5", "field", "start ="),
    ("[[field_scan]]\nfield = [1]", "T", "missing"),
    ("[[field_scan]]\nT = 5\nfield = 1", "field", "a list of numbers"),
    ('[[field_scan]]\nT = 5\nfield = ["1 K"]', "field", "convert to T"),
    ("[[field_scan]]\nT = 5\nfield = [[0, 0, 1], 1]", "field[1]", "three numbers"),
    ("[[field_scan]]\nT = 5\nfield = [[0, 0, 1], [0, 1]]", "field[1]", "three numbers"),
    ('[[field_scan]]\nT = 5\nfield = [[0, 0, 1]]\ndirection = "x"', "direction", "path"),
    ('[[field_scan]]\nT = 5\nfield = [1]\ndirection = "xy"', "direction", "three numbers"),
    ('[[field_scan]]\nT = 5\nfield = [1]\ndirection = ["x", "x"]', "direction", "twice"),
    ("[[field_scan]]\nT = 5\nfield = [1]\ndirection = []", "direction", "'x', 'y', 'z'"),
    ('[[field_scan]]\nT = 5\nfield = [1]\nreference = "first"', "reference", "three numbers"),
    ('[[field_scan]]\nT = 5\nfield = [1]\ncontributions = "yes"', "contributions", "true or false"),
    ('[[field_scan]]\nT = 5\nfield = [1]\ncontributions = true\n[[scan]]\nT = 5\nname = "field_scan_contributions"',
     "field_scan", "own name"),
    ("[[temperature_scan]]", "temperature_scan[0].T", "points = 101"),
    ("[[temperature_scan]]\nT = []", "T", "empty"),
    ('[[temperature_scan]]\nT = [1, 2]\nm = ["y", "q"]', "m", "'x', 'y', 'z'"),
    ('[[temperature_scan]]\nT = [1, 2]\ngap = true\nm = "y"', "m", "no magnet is left that turns"),
    ("[[temperature_scan]]\nT = [1, 2]\ngap = true\nB = [0, 0, 1]", "B", "gap = true"),
    ("[[temperature_scan]]\nT = [1, 2]\nfield = 1", "field", "gap = false"),
    ("[[face_conductances]]\nT = 5", "face_conductances", "several"),
    ("[[face_conductances]]\nB = [0, 1]", "T", "missing"),
    ('[[face_conductances]]\nT = [5, 6]\ninsulator = "YIG"', "insulator", "F"),
    ("[[face_conductances]]\nT = [5, 6]\nB = [0, 0, 1, 'x']", "B", "number"),
]  # fmt: skip
#: the same film without a barrier, which the Boltzmann equation needs
PLAIN = BOTH.replace("scattering = {", "# {").replace("diffuse_fraction = 0.1", 'conductance_up = "1e15 S/m^2"\n'
    'conductance_down = "1e15 S/m^2"\nmixing_conductance = "1e15 S/m^2"')  # fmt: skip
BY_BOLTZMANN = [
    (BOTH, '[solver]\nkind = "kubo"', "solver.kind", "'boltzmann'"),
    (BOTH, "[solver]\nrtol = 1e-3", "solver.kind", "missing"),
    (BOTH, '[solver]\nkind = "boltzmann"\ntolerance = 1', "solver.tolerance", "rtol"),
    (BOTH, '[solver]\nkind = "boltzmann"\nrtol = 1', "solver.rtol", "at least 1e-13 and less than 1"),
    (BOTH, '[solver]\nkind = "boltzmann"\nrtol = "1 nm"', "solver.rtol", "pure number"),
    (BOTH, '[solver]\nkind = "boltzmann"\nspecularity = 0.5', "solver.specularity", "two numbers"),
    (BOTH, '[solver]\nkind = "boltzmann"\nspecularity = [0, 2]', "solver.specularity", "bottom and top"),
    (BOTH, '[solver]\nkind = "drift_diffusion"\nrtol = 1e-3', "solver.rtol", "nothing is solved"),
    (BOTH, '[[solver]]\nkind = "boltzmann"', "solver", "not a table"),
    (BOTH, '[[scan]]\nsolver = "Boltzmann"', "scan[0].solver", "'boltzmann'"),
    (BOTH, "[[scan]]\nsolver = 3", "scan[0].solver", "not a table"),
    (BOTH, '[[scan]]\nfield = "1 T"\nsolver = "boltzmann"', "scan[0].solver", "no magnetic field"),
    (BOTH, '[[profile]]\nm = "y"\nB = [0, 0, 1]\nsolver = "boltzmann"', "profile[0].solver", "no magnetic field"),
    (BOTH, SOLVER + '[[torque]]\nB = [0, 0, 1]', "solver", "Allowed: with Boltzmann no magnetic field"),
    (BOTH, SOLVER + '[[field_scan]]\nm = "along B"\nfield = ["0 T", "1 T"]', "solver", 'solver = "drift_diffusion"'),
    (
        BOTH,
        '[[map]]\nsolver = "boltzmann"\nobservable = "initial_slope"\nover = { "Pt.thickness" = ["2 nm"] }',
        "map[0].solver",
        "initial_slope",
    ),
    (
        BOTH,
        '[[map]]\nsolver = "boltzmann"\nobservable = { name = "sheet_resistance", m = "y", B = [0, 0, 1] }\n'
        'over = { "Pt.thickness" = ["2 nm"] }',
        "map[0].solver",
        "no magnetic field",
    ),
    (
        BOTH,
        '[[map]]\nsolver = "boltzmann"\nover = { "Pt.spin_diffusion_length" = ["2 nm", "0.1 nm"] }',
        "map[0].solver",
        "Pt.spin_diffusion_length = 1e-10",
    ),
    (BOTH, '[[scan]]\nsolver = "boltzmann"\nset = { "Py.amr_ratio" = 0.01 }', "scan[0].solver", "amr_ratio"),
    (PLAIN, SOLVER, "solver", "scattering"),
    (PLAIN, '[[scan]]\n[[profile]]\nm = "y"\nsolver = "boltzmann"', "profile[0].solver", "scattering"),
]  # fmt: skip


REFUSED = [
    *((FILTERING, *case) for case in REQUESTS),
    *((MODEL, *case) for case in ON_A_MAGNET_MODEL),
    *((film + "\n", *case) for film, *case in BY_BOLTZMANN),
]


@pytest.mark.parametrize(("film", "text", "field", "remedy"), REFUSED)
def test_what_a_film_cannot_answer_is_refused_with_its_line_before_anything_is_made(
    sample, capsys, film, text, field, remedy
):
    # top-level keys stand before the first table
    first = text.startswith("scan =")
    file = sample(text + "\n" + film if first else film + text)
    for command in (["run", file, "-o", "out"], ["show", file]):
        message = refused(capsys, command, lines=None)
        line = int(re.match(r"Error: sample\.toml, line (\d+), ", message)[1])
        assert line == 1 if first else film.count("\n") < line <= (film + text).count("\n") + 1
        assert field in message
        assert remedy in message
    assert [p.name for p in Path().iterdir()] == ["sample.toml"]


def test_the_message_names_the_line(sample, capsys):
    message = refused(capsys, ["run", sample(BILAYER + '\n[[scan]]\n\nfield = "1 V"\n')])
    line = BILAYER.count("\n") + 4
    assert f"sample.toml, line {line}, scan[0].field: got '1 V'" in message


METAL = NUMBERS[: NUMBERS.index("[[film]]")] + NUMBERS[NUMBERS.index('[[film]]\nkind = "metal"') :]


@pytest.mark.parametrize(
    ("film", "text", "why"),
    [
        (NUMBERS, '[perpendicular]\nm = "y"', "no charge flows along z through 'F'"),
        (METAL, "[[torque]]", "no magnet"),
        (METAL, "[[profile]]\nm = [0, 1, 0]", "no magnet"),
        (NUMBERS, "[[face_conductances]]\nT = [1, 2]", "the film has no insulators with a magnet model"),
        (NUMBERS, '[[temperature_scan]]\nm = "y"\nT = [1, 2]', "nothing in the film depends on temperature"),
    ],
)
def test_requests_the_film_cannot_answer_are_refused(sample, capsys, film, text, why):
    assert why in refused(capsys, ["run", sample(film + text)])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "absent.toml"], "no such file"),
        (["show", "."], "folder"),
        (["run"], "SAMPLE"),
        (["frobnicate"], "frobnicate"),
        (["run", "sample.toml", "--frobnicate"], "--frobnicate"),
        (["show", "sample.toml", "--figure", "film.bmp"], ".png"),
        (["materials", "Unobtainium"], "Unobtainium"),
        (["run", "sample.toml", "-o", "sample.toml"], "not a folder"),
        (["run", "sample.toml", "-o", "sample.toml/deeper"], "not a folder"),
        (["new", "no/such/folder.toml"], "there is no folder no/such"),
    ],
)
def test_wrong_commands_are_refused_in_one_line(sample, capsys, arguments, why):
    sample(BILAYER)
    assert why in refused(capsys, arguments)
