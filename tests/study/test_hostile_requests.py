"""Requests that no one should write, and what is said of them: the line, the field, what arrived, what is allowed."""

import pytest
from sample_texts import BILAYER, MODEL

from spinstack.study import read_film_study
from spinstack.text.document import SampleError, parse_document

BIG = "9" * 400
OVER = 'over = { "Pt.thickness" = ["1 nm", "2 nm"] }'
TWICE = (
    BILAYER
    + """
[[film]]
kind = "metal"
name = "Pt"
thickness = "2 nm"
conductivity = "3e6 S/m"
spin_diffusion_length = "2 nm"
"""
)

CASES = {
    "a parameter that set gives": (
        BILAYER, f'[[map]]\nset = {{ "Pt.thickness" = "9 nm" }}\n{OVER}', "map[0].over.Pt.thickness",
        "names a number that 'Pt.thickness' names, too",
    ),
    "set by its index": (
        BILAYER, f'[[map]]\nset = {{ "Pt[0].thickness" = "9 nm" }}\n{OVER}', "map[0].over.Pt.thickness",
        "names a number that 'Pt[0].thickness' names, too",
    ),
    "one parameter along both axes": (
        BILAYER, '[[map]]\nover = { "Pt.thickness" = ["1 nm"], "Pt[0].thickness" = ["1 nm"] }',
        "map[0].over.Pt[0].thickness", "names a number that 'Pt.thickness' names, too",
    ),
    "one of two layers and both": (
        TWICE, '[[map]]\nover = { "Pt[1].thickness" = ["1 nm"], "Pt.thickness" = ["1 nm"] }',
        "map[0].over.Pt.thickness", "names a number that 'Pt[1].thickness' names, too",
    ),
    "a component and its tensor": (
        BILAYER, '[[map]]\nover = { "Pt.spin_hall_angle" = [0.1], "Pt.spin_hall_angle[y,x]" = [0.1] }',
        "map[0].over.Pt.spin_hall_angle[y,x]", "names a number that 'Pt.spin_hall_angle' names, too",
    ),
    "twice in set": (
        BILAYER, '[[scan]]\nset = { "Pt.thickness" = "1 nm", "Pt[-1].thickness" = "2 nm" }', "scan[0].set",
        "names a number that 'Pt.thickness' names, too",
    ),
    "an index of many digits": (
        BILAYER, f'[[map]]\nover = {{ "Pt[{BIG}].thickness" = ["1 nm"] }}', f"map[0].over.Pt[{BIG}].thickness",
        "Allowed: 'element.field'",
    ),
    "m of 400 digits": (BILAYER, f"[[profile]]\nm = [0, {BIG}, 0]", "profile[0].m[1]", "too large"),
    "a field of 400 digits": (BILAYER, f"[[profile]]\nm = \"y\"\nB = [0, {BIG}, 0]", "profile[0].B[1]", "too large"),
    "points of 400 digits": (BILAYER, f"[[profile]]\nm = \"y\"\npoints = {BIG}", "profile[0].points", "a whole number"),
    "an easy axis of 400 digits": (
        MODEL.replace('kind = "weiss"', f'kind = "weiss", easy_axis = [{BIG}, 0, 0]'), "[[scan]]\nT = 5",
        "film[0] (magnetic_insulator).magnet.easy_axis", "Allowed: three numbers",
    ),
    "a thickness of 400 digits": (
        BILAYER.replace('"5 nm"\ncond', f"{BIG}\ncond"), "", "film[0] (metal).thickness", "too large"
    ),
    "angles without a direction": (
        BILAYER, '[[scan]]\nplane = "beta"\nangles = ["0 deg", "1e18 deg"]', "scan[0].angles", "from -1e+06 to 1e+06"
    ),
    "an observable that is a table": (
        BILAYER, f"[[map]]\n{OVER}\nobservable = {{ name = {{ a = 1 }} }}", "map[0].observable.name", "got {'a': 1}"
    ),
}  # fmt: skip


SCAN, ENDS = '[[scan]]\nplane = "beta"\nangles = ', 'start = "0 deg", stop = "90 deg"'
MAP = '[[map]]\nover = { "Pt.thickness" = '
ANGLE = '[[map]]\nover = { "Pt.spin_hall_angle" = '
OBSERVABLE = f"[[map]]\n{OVER}\nobservable = "
PROFILE = '[[profile]]\nm = "y"\n'
NAME = '[[scan]]\nplane = "beta"\nname = '
#: what is asked of the bilayer, where it is wrong, what is said
ASKED = {
    "a plane in capitals": ('[[scan]]\nplane = "Beta"', "scan[0].plane", "Did you mean 'beta'?"),
    "a plane in Greek": ('[[scan]]\nplane = "β"', "scan[0].plane", "Allowed: 'alpha'"),
    "a plane with a blank": ('[[scan]]\nplane = "beta "', "scan[0].plane", "Did you mean 'beta'?"),
    "planes that are numbers": ("[[scan]]\nplane = [1]", "scan[0].plane", "Allowed: 'alpha'"),
    "no points": (f"{SCAN}{{ {ENDS}, points = 0 }}", "scan[0].angles.points", "from 2 to 10001"),
    "fewer than no points": (f"{SCAN}{{ {ENDS}, points = -3 }}", "scan[0].angles.points", "from 2 to 10001"),
    "points with a point": (f"{SCAN}{{ {ENDS}, points = 2.0 }}", "scan[0].angles.points", "from 2 to 10001"),
    "points in quotes": (f'{SCAN}{{ {ENDS}, points = "3" }}', "scan[0].angles.points", "from 2 to 10001"),
    "a step": (f'{SCAN}{{ {ENDS}, step = "10 deg" }}', "scan[0].angles.step", "Allowed: start, stop, points"),
    "a step of zero": (f'{SCAN}{{ {ENDS}, step = "0 deg" }}', "scan[0].angles.step", "Allowed: start, stop, points"),
    "no end": (f'{SCAN}{{ start = "0 deg", points = 3 }}', "scan[0].angles.stop", "missing"),
    "a beginning without end": (
        f'{SCAN}{{ start = "-inf", stop = "9 deg", points = 3 }}', "scan[0].angles.start", "which is infinite"
    ),
    "angles without unit": (f"{SCAN}[0, 90]", "scan[0].angles[0]", 'Write "0.0 deg"'),
    "angles in kelvin": (f'{SCAN}["0 K"]', "scan[0].angles[0]", "does not convert to deg"),
    "angles in brackets": (f'{SCAN}[["0 deg"]]', "scan[0].angles[0]", "a list, not a quantity"),
    "angles and a range": (f'{SCAN}["0 deg", {{ {ENDS}, points = 2 }}]', "scan[0].angles[1]", "a table, not"),
    "powers from zero": (
        f'{ANGLE}{{ start = 0, stop = 1, points = 3, spacing = "log" }} }}', "map[0].over.Pt.spin_hall_angle.spacing",
        "positive ends",
    ),
    "powers from below zero": (
        f'{ANGLE}{{ start = -1, stop = 1, points = 3, spacing = "log" }} }}', "map[0].over.Pt.spin_hall_angle.spacing",
        "positive ends",
    ),
    "over one value": (f'{MAP}"1 nm" }}', "map[0].over.Pt.thickness", "a list of numbers"),
    "over no value": (f"{MAP}[] }}", "map[0].over.Pt.thickness", "Give at least one value"),
    "over one value twice": (f'{MAP}["1 nm", "1 nm"] }}', "map[0].over.Pt.thickness", "Give each once"),
    "over one value in two units": (f'{MAP}["1 nm", "10 angstrom"] }}', "map[0].over.Pt.thickness", "Give each once"),
    "over a decimal comma": (f'{MAP}["1,5 nm"] }}', "map[0].over.Pt.thickness[0]", "Write a decimal point"),
    "over a day": (f"{MAP}[2024-01-01] }}", "map[0].over.Pt.thickness[0]", "not a quantity"),
    "over a truth value": (f"{MAP}[true] }}", "map[0].over.Pt.thickness[0]", "a truth value"),
    "over NaN": (f"{MAP}[nan] }}", "map[0].over.Pt.thickness[0]", "not a number (NaN)"),
    "over a length below zero": (f'{MAP}["1 nm", "-1 nm"] }}', "map[0].over.Pt.thickness", "too small"),
    "over a length without unit": (f"{MAP}[1e-9] }}", "map[0].over.Pt.thickness[0]", 'Write "1e-09 m"'),
    "over what is switched off": (
        '[[map]]\nover = { "Py.dephasing_length" = ["inf", "1 nm"] }', "map[0].over.Py.dephasing_length[0]", "infinite"
    ),
    "over tensors": (f"{ANGLE}[[[0, 1], [1, 0], [0, 0]]] }}", "map[0].over.Pt.spin_hall_angle[0]", "a list"),
    "over a path in words": ('[[map]]\nover = "Pt.thickness"', "map[0].over", "a table of one parameter path"),
    "over a list of paths": ('[[map]]\nover = ["Pt.thickness"]', "map[0].over", "a table of one parameter path"),
    "over an element": ('[[map]]\nover = { "Pt" = ["1 nm"] }', "map[0].over.Pt", "'element.field'"),
    "over dotted keys": ('[[map]]\nover.Pt.thickness = ["1 nm"]', "map[0].over.Pt", "'element.field'"),
    "over the kind of an element": ('[[map]]\nover = { "Pt.kind" = ["metal"] }', "map[0].over.Pt.kind", "no such"),
    "over the name of an element": ('[[map]]\nover = { "Pt.name" = ["a"] }', "map[0].over.Pt.name", "holds no number"),
    "over the second of one": (
        '[[map]]\nover = { "Pt[1].thickness" = ["1 nm"] }', "map[0].over.Pt[1].thickness", "0 to 0"
    ),
    "over complex numbers": (
        '[[map]]\nover = { "Pt|Py.mixing_conductance" = ["1e14 S/m^2"] }', "map[0].over.Pt|Py.mixing_conductance",
        "mixing_conductance.imag",
    ),
    "over temperature": ('[[map]]\nover = { "T" = ["1 K"] }', "map[0].over.T", "'element.field'"),
    "over three axes": (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm"], "Py.thickness" = ["1 nm"], "Pt.spin_hall_angle" = [0.1] }',
        "map[0].over", "or two (a map)",
    ),
    "an observable that is a number": (f"{OBSERVABLE}3", "map[0].observable", "'magnetoresistance'"),
    "an observable in a list": (f'{OBSERVABLE}["magnetoresistance"]', "map[0].observable", "'magnetoresistance'"),
    "an observable in capitals": (f'{OBSERVABLE}"Magnetoresistance"', "map[0].observable", "Did you mean"),
    "an observable without name": (f"{OBSERVABLE}{{}}", "map[0].observable.name", "Give one of"),
    "a torque without component": (
        f'{OBSERVABLE}{{ name = "torque", m = "z" }}', "map[0].observable.component", "Allowed: 'x', 'y', 'z'"
    ),
    "m that is a number": ("[[profile]]\nm = 1", "profile[0].m", "a list of three numbers"),
    "m of four numbers": ("[[profile]]\nm = [0, 0, 0, 1]", "profile[0].m", "a list of three numbers"),
    "m with a sign": ('[[profile]]\nm = "-x"', "profile[0].m", "'x', 'y', 'z'"),
    "m in capitals": ('[[profile]]\nm = "X"', "profile[0].m", "'x', 'y', 'z'"),
    "m of truth values": ("[[profile]]\nm = [true, false, false]", "profile[0].m[0]", "a truth value"),
    "m in tesla": ('[[profile]]\nm = ["1 T", "0 T", "0 T"]', "profile[0].m[0]", "where a pure number is meant"),
    "m along a field that is none": ('[[profile]]\nm = "along B"', "profile[0].m", "where there is no field"),
    "B of one number": (f'{PROFILE}B = "1 T"', "profile[0].B", "a list of three numbers"),
    "B that is an axis": (f'{PROFILE}B = "z"', "profile[0].B", "a list of three numbers"),
    "B in ampere per metre": (f'{PROFILE}B = ["1 A/m", "0 T", "0 T"]', "profile[0].B[0]", "does not convert to T"),
    "T in degrees": (f'{PROFILE}T = "20 °C"', "profile[0].T", "a zero of its own"),
    "E of three numbers": (f"{PROFILE}E = [1, 0, 0]", "profile[0].E", "a list of two numbers"),
    "a name with a slash": (f'{NAME}"a/b"', "scan[0].name", "it names files"),
    "a name of dots": (f'{NAME}".."', "scan[0].name", "it names files"),
    "a name with an ending": (f'{NAME}"a.nc"', "scan[0].name", "it names files"),
    "a name of stars": (f'{NAME}"a*?<>|"', "scan[0].name", "it names files"),
    "a name of a magnet": (f'{NAME}"🧲"', "scan[0].name", "it names files"),
    "a name of blanks": (f'{NAME}" a "', "scan[0].name", "it names files"),
    "no name": (f'{NAME}""', "scan[0].name", "it names files"),
    "a name that is a number": (f"{NAME}1", "scan[0].name", "it names files"),
    "a name without end": (f'{NAME}"{"x" * 300}"', "scan[0].name", "at most 80"),
    "a folder that is a number": ("[output]\ndirectory = 1", "output.directory", "text in quotes"),
    "a folder above": ('[output]\ndirectory = "../x"', "output.directory", "leads out of its folder"),
    "figures twice": ('[output]\nfigures = ["png", "png"]', "output.figures", "Name each once"),
    "figures in capitals": ('[output]\nfigures = ["PNG"]', "output.figures[0]", "Did you mean 'png'?"),
    "no figures": ("[output]\nfigures = false", "output.figures", "a list of 'png'"),
    "a folder by another word": ('[output]\nfolder = "x"', "output.folder", "Allowed: directory, figures"),
}  # fmt: skip


@pytest.mark.parametrize("case", [*CASES.values(), *((BILAYER, *asked) for asked in ASKED.values())],
                         ids=[*CASES, *ASKED])  # fmt: skip
def test_it_is_refused_with_its_line(case):
    film, text, where, said = case
    whole = film + text
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(whole, "s.toml"))
    (error,) = caught.value.errors
    assert error.words == where
    assert said in str(error)
    assert error.source == "s.toml"
    # the line where it stands, or that of the table that holds it
    written = whole.splitlines()[error.line - 1]
    assert (
        error.field.partition("[")[0].partition(".")[0] in written or written.startswith("[[") or error.why == "missing"
    )


def test_a_vector_of_any_length_is_a_direction():
    text = "[[profile]]\nm = [0, 3e-200, 4e-200]\n[[profile]]\nm = [0, 3e200, 4e200]"
    first, second = read_film_study(parse_document(BILAYER + text)).requests
    for request in (first, second):
        assert request.arguments["m"] == pytest.approx((0.0, 0.6, 0.8), rel=1e-15)
