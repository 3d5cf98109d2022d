"""Films and paths that no one should write: refused with what arrived and what is allowed, or what they say."""

import numpy as np
import pytest
from plain_films import barrier, bilayer, contact, ferromagnet, metal

import spinstack as ss

PT, CO, FILM = metal(), ferromagnet(), bilayer()
TWO = PT | CO | PT | CO
YIG = ss.MagneticInsulator("YIG", mixing_conductance=1e14)

#: what is called, the place that is named, words of the message
COMPOSED = {
    "a billion repeats": (lambda: FILM * 10**9, "Film.repeats", "from 1 to 333333"),
    "repeats of 400 digits": (lambda: PT * 10**400, "Film.repeats", "from 1 to 1000000"),
    "no repeats": (lambda: FILM * 0, "Film.repeats", "from 1"),
    "nothing": (lambda: ss.Film(None), "Film", "of type NoneType"),
    "a number": (lambda: ss.Film(3), "Film", "of type int"),
    "a name": (lambda: ss.Film("Pt"), "Film", "of type str"),
    "a table": (lambda: ss.Film({"Pt": PT}), "Film", "of type str"),
    "an array": (lambda: ss.Film(np.ones(2)), "Film", "of type float64"),
    "a class": (lambda: ss.Film((ss.Metal,)), "Film", "of type type"),
    "a film in a film": (lambda: ss.Film((FILM, PT)), "Film", "of type Film"),
    "something that has a name": (lambda: ss.Film((type("E", (), {"name": "x"})(),)), "Film", "of type E"),
    "an interface alone": (lambda: ss.sheet_resistance(contact()), "film", "Compose elements with |"),
    "an interface at the bottom": (lambda: ss.sheet_resistance(contact() | CO, m="y"), "", "lowest element"),
    "an interface at the top": (lambda: ss.sheet_resistance(PT | contact()), "", "topmost element"),
    "insulators alone": (lambda: ss.sheet_resistance(YIG | YIG, m="y"), "film", "no conducting layer"),
    "vacuum alone": (lambda: ss.sheet_resistance(ss.Film((ss.Vacuum(),))), "film", "no conducting layer"),
    "a list of elements": (lambda: ss.sheet_resistance([PT, CO], m="y"), "film", "of type list"),
    "the class of films": (lambda: ss.profile(ss.Film), "film", "of type type"),
    "a name of bytes": (lambda: metal(b"Pt"), "name", "not text"),
    "a name that turns round": (lambda: metal("Pt\u202e"), "name", "characters that nobody sees"),
    "a name with nothing in between": (lambda: metal("P\u200bt"), "name", "characters that nobody sees"),
    "a name with a tab": (lambda: metal("P\tt"), "name", "characters that nobody sees"),
    "a name that ends in a space of no break": (lambda: metal("Pt\u00a0"), "name", "no outer blanks"),
    "a name that is a path": (lambda: metal("Pt[0]"), "name", "text without"),
    "a name that is an axis": (lambda: ss.torque(ss.Film((ferromagnet("batch_0"),)), m="y"), "torque.name", "an axis"),
    "a word for a barrier": (lambda: contact(scattering="delta"), "scattering", "a scattering model"),
    "a word for a magnet": (lambda: YIG.replace(magnet="weiss"), "magnet", "WeissMagnet"),
    "the class of a magnet": (lambda: YIG.replace(magnet=ss.WeissMagnet), "magnet", "WeissMagnet"),
    "a barrier for a magnet": (lambda: YIG.replace(magnet=barrier()), "magnet", "WeissMagnet"),
    "a material in small letters": (lambda: ss.Metal.of("pt", thickness=1e-9), "material", "Did you mean 'Pt'?"),
    "no material": (lambda: ss.Metal.of(None, thickness=1e-9), "material", "Allowed: Pt"),
    "one magnet of two": (lambda: ss.sheet_resistance(TWO, m={"Co[0]": "x"}), "m", "for the magnet 'Co[1]'"),
    "a magnet behind the last": (
        lambda: ss.sheet_resistance(TWO, m={"Co[0]": "x", "Co[2]": "y"}), "m", "Allowed: Co[0], Co[1]"
    ),
    "a magnet from the end": (
        lambda: ss.sheet_resistance(TWO, m={"Co[0]": "x", "Co[-1]": "y"}), "m", "Allowed: Co[0], Co[1]"
    ),
    "a magnet by two names": (
        lambda: ss.sheet_resistance(TWO, m={"Co": "x", "Co[0]": "x", "Co[1]": "y"}), "m",
        "each of these magnets is named by its number",
    ),
    "a magnet that is no name": (lambda: ss.sheet_resistance(FILM, m={0: "x"}), "m", "no magnet of the film"),
    "an axis in capitals": (lambda: ss.sheet_resistance(FILM, m="Y"), "m", 'an axis "x", "y" or "z"'),
    "an axis in Cyrillic": (lambda: ss.sheet_resistance(FILM, m="х"), "m", 'an axis "x", "y" or "z"'),
    "an axis with a sign": (lambda: ss.sheet_resistance(FILM, m="-x"), "m", 'an axis "x", "y" or "z"'),
    "along a field that is none": (lambda: ss.sheet_resistance(FILM, m="along B"), "m", "where there is no field"),
    "two blanks along B": (lambda: ss.sheet_resistance(FILM, m="along  B", B=(0, 0, 1)), "m", '"along B"'),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPOSED.values(), ids=COMPOSED)
def test_it_is_refused(case):
    call, place, words = case
    with pytest.raises(ss.ParameterError) as caught:
        call()
    error = caught.value
    assert f"{error.where}.{error.field}".strip(".").endswith(place)
    assert words in str(error)


@pytest.mark.parametrize("bad", [3, None, "Co", [CO], 1.5, object()])
def test_what_is_no_element_is_no_part_of_a_film(bad):
    with pytest.raises(TypeError, match="unsupported operand"):
        PT | bad
    with pytest.raises(TypeError, match="unsupported operand"):
        bad | FILM


@pytest.mark.parametrize("bad", [1.5, True, "2", None, FILM])
def test_what_is_no_number_repeats_no_film(bad):
    with pytest.raises(TypeError):
        FILM * bad


#: paths that name nothing, the field of the error, words of the message
PATHS = {
    **dict.fromkeys(
        ["", ".", " ", "Pt", "Pt.", "Pt..thickness", ".thickness", "thickness", "Pt. thickness", "Pt.thickness.",
         "Pt[].thickness", "Pt[a].thickness", "Pt[0.5].thickness", "Pt[+1].thickness", "Pt[ 0].thickness",
         "Pt[0:2].thickness", "Pt[0][0].thickness", "Pt[1e0].thickness", "Pt[٠].thickness", f"Pt[{'9' * 30}].thickness",
         "Pt.thickness[0]", "Pt.spin_hall_angle[x,z]", "Pt.spin_hall_angle[0,0]", "Pt.spin_hall_angle[yx]",
         "Pt/thickness", "Pt->thickness", "Pt.thickness\n", None, 3, b"Pt.thickness", ("Pt", "thickness"), True],
        ("path", "'element.field', for example 'Pt.thickness'"),
    ),
    "Pt.thickness.real": ("thickness", "no .real part"),
    "Pt[2].thickness": ("index", "0 to 1"),
    "Pt[-3].thickness": ("index", "0 to 1"),
    "pt.thickness": ("element", "Did you mean 'Pt'?"),
    "Pt .thickness": ("element", "Did you mean 'Pt'?"),
    "Рt.thickness": ("element", "Allowed: Pt, Pt|Co, Co"),
    "Pt\u200b.thickness": ("element", "got 'Pt\\u200b'"),
    "*.thickness": ("element", "Allowed: Pt, Pt|Co, Co"),
    "Co|Pt.filtering": ("element", "Allowed: Pt, Pt|Co, Co"),
    "Pt.Thickness": ("Thickness", "Did you mean 'thickness'?"),
    "Pt.name": ("name", "holds no number"),
    "Pt.__class__": ("__class__", "a Metal has no such parameter"),
    "Pt.replace": ("replace", "a Metal has no such parameter"),
    "Co.magnet.spin": ("magnet.spin", "a Ferromagnet has no such parameter"),
    "Pt|Co.scattering.barrier": ("scattering.barrier", "no such parameter"),
    "Pt|Co.mixing_conductance.abs": ("mixing_conductance.abs", "no such parameter"),
    "Pt|Co.mixing_conductance.Real": ("mixing_conductance.Real", "no such parameter"),
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=map(repr, PATHS))
def test_a_path_that_names_nothing_is_refused_everywhere(path):
    film, (field, words) = FILM | PT, PATHS[path]
    calls = (
        lambda: film.get(path),
        lambda: film.replace({path: 1e-9}),
        lambda: film.specification(path),
        lambda: ss.sweep(film, {path: [1e-9]}, ss.magnetoresistance),
        lambda: ss.compile(film, [path], m="y"),
    )
    for call in calls:
        with pytest.raises(ss.ParameterError) as caught:
            call()
        assert caught.value.field == field
        assert words in str(caught.value)
    assert path not in film
