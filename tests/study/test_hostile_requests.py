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


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
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
    assert error.field.partition("[")[0].partition(".")[0] in written or written.startswith("[[")


def test_a_vector_of_any_length_is_a_direction():
    text = "[[profile]]\nm = [0, 3e-200, 4e-200]\n[[profile]]\nm = [0, 3e200, 4e200]"
    first, second = read_film_study(parse_document(BILAYER + text)).requests
    for request in (first, second):
        assert request.arguments["m"] == pytest.approx((0.0, 0.6, 0.8), rel=1e-15)
