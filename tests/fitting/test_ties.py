"""Ties: what may be written, units, derivatives, problems with ties against problems by hand, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spinstack as ss
from spinstack.fitting import (
    Data,
    Expression,
    LogNormal,
    LogUniform,
    Normal,
    Problem,
    Relative,
    Sample,
    Tie,
    Uniform,
    Unknown,
    fit_film,
)
from spinstack.fitting.outcome import _unseen
from spinstack.fitting.ties import DEEPEST, LONGEST
from spinstack.text.units import dimension_of, dimension_words

NM = 1e-9


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1 + 2 * 3 ** 2 - -4 / 8", 19.5, "1"),
        ("2^-1^2", 0.5, "1"),
        ("-2 ** 2", -4.0, "1"),
        ("(4 nm)", 4e-9, "m"),
        ("'4 nm' + \"1 um\" − (-2 nm)", 1.006e-6, "m"),
        ("((1 + 2) * (20 uOhm cm))", 6e-7, "ohm m"),
        ("sqrt((4 nm) * (9 nm))", 6e-9, "m"),
        ("sqrt(4 nm^2)", 2e-9, "m"),
        ("(8 nm) ** (1/3)", 2e-3, "m^(1/3)"),
        ("(0.01 eV) * (0.4 nm)^3", 0.01 * 1.602176634e-19 * 6.4e-29, "J m^3"),
        ("(1600 (hbar/2e) S/cm) / (2 MS/m)", 0.08, "1"),
        ("(800 (hbar/e) S/cm) / (2 MS/m)", 0.08, "1"),
        ("(5 %) + (180 deg)", 0.05 + np.pi, "1"),
        ("(3 kOe)", 0.3, "T"),
        ("(2 nm) * (3 nm) * (5 1/nm^2)", 30.0, "1"),
        ("1 / (4 s)", 0.25, "s^-1"),
        ("abs(-exp(log(3)))", 3.0, "1"),
        ("(1e19 e^2/(h m^2))", 3.874045864931825e14, "S/m^2"),
    ],
)
def test_arithmetic_with_units(text, value, unit):
    found = Expression(text)
    assert found.names == ()
    assert found.value_and_derivatives({})[0] == pytest.approx(value, rel=1e-14)
    assert dimension_words(found.dimension({})) == unit


def test_names_are_paths_and_unknowns_quoted_where_need_be():
    text = (
        "s * Pt|Co.mixing_conductance.real + Pt[0].thickness * RuO2.spin_splitter[y, x] - 'my layer.thickness'"
        ' / "2DEG-like.thickness" + s'
    )
    assert Expression(text).names == (
        "s", "Pt|Co.mixing_conductance.real", "Pt[0].thickness", "RuO2.spin_splitter[y, x]", "my layer.thickness",
        "2DEG-like.thickness",
    )  # fmt: skip


#: text with a, b and c, and what it means; positive for positive names
LEAVES = st.sampled_from(["a", "b", "c", "Pt.thickness", "'my layer.thickness'", "0.7", "2", "(0.5 1)", "(30 %)"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["sqrt(1 + abs", "exp(-abs", "log(2 + abs", "(abs"]), inner).map(
            lambda t: f"{t[0]}({t[1]}))"
        ),
        st.tuples(inner, inner).map(lambda t: f"(1 + abs({t[0]})) ** ({t[1]})"),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "-2"])).map(lambda t: f"({t[0]}) ** {t[1]}"),
        inner.map(lambda t: f"-{t}"),
    ),
    max_leaves=12,
)
NAMES = ("a", "b", "c", "Pt.thickness", "my layer.thickness")


@given(EXPRESSIONS, st.lists(st.floats(0.3, 2), min_size=5, max_size=5))
def test_derivatives_are_those_of_finite_differences(text, at):
    if len(text) > LONGEST:
        return
    expression, values = Expression(text), dict(zip(NAMES, at, strict=True))
    value, slopes = expression.value_and_derivatives(values)
    assert set(slopes) == set(expression.names)
    if not np.isfinite(value) or abs(value) > 1e6 or max(map(abs, slopes.values()), default=0) > 1e6:
        return
    for name, slope in slopes.items():

        def moved(h, name=name):
            return expression.value_and_derivatives(values | {name: values[name] + h})[0]

        numeric, coarse = ((moved(h) - moved(-h)) / (2 * h) for h in (1e-5, 2e-5))
        if abs(numeric - coarse) < 1e-5 * (1 + abs(numeric)):  # else a corner of abs, or a pole, is near
            assert slope == pytest.approx(numeric, rel=1e-5, abs=1e-5 * (1 + abs(value)))


@pytest.mark.parametrize(
    ("text", "at", "value", "slope"),
    [("x ** 0", 0.0, 1.0, 0.0), ("x ** 1", 0.0, 0.0, 1.0), ("x ** 3", -2.0, -8.0, 12.0), ("0 ** x", 2.0, 0.0, 0.0),
     ("abs(x)", -3.0, 3.0, -1.0), ("2 ** x", 3.0, 8.0, 8 * np.log(2)), ("x ** x", 2.0, 4.0, 4 * (1 + np.log(2)))],
)  # fmt: skip
def test_powers_and_corners(text, at, value, slope):
    found, slopes = Expression(text).value_and_derivatives({"x": at})
    assert (found, slopes["x"]) == pytest.approx((value, slope))


def test_what_has_no_value_is_not_finite_and_raises_nothing():
    for text, at in (("log(x)", -1.0), ("1 / x", 0.0), ("exp(x)", 1e9), ("sqrt(x)", -1.0), ("x ** 0.5", -1.0)):
        assert not np.isfinite(Expression(text).value_and_derivatives({"x": at})[0])
    assert Expression("sqrt(x)").value_and_derivatives({"x": 0.0}) == (0.0, {"x": np.inf})
    assert Expression("9 ** 9 ** 9 ** 9 ** 9").value_and_derivatives({})[0] == np.inf


UNITS = {"x": dimension_of("1"), "Pt.thickness": dimension_of("m"), "Pt.conductivity": dimension_of("S/m")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pt.thickness + 3", "adds m and 1 at character 16"),
        ("x - Pt.thickness", "subtracts 1 and m at character 5"),
        ("1 + Pt.thickness * Pt.conductivity", "adds 1 and S at character 20"),
        ("exp(Pt.thickness)", "exp of m instead of a pure number at character 1"),
        ("2 * log(Pt.conductivity)", "log of S/m instead of a pure number at character 5"),
        ("2 ** Pt.thickness", "an exponent in m at character 6"),
        ("Pt.thickness ** x", "to a power that is no constant at character 17"),
        ("Pt.thickness ** 0.1234567", "to a power that is no simple fraction at character 17"),
        ("Pt.thickness ** (1/0)", "to a power that is no simple fraction"),
        ("Pt.thickness ** 1e9", "to a power that is no simple fraction"),
    ],
)
def test_units_that_do_not_fit_are_refused_with_their_place(text, words):
    with pytest.raises(ss.ParameterError) as caught:
        Expression(text).dimension(UNITS)
    assert f"equals: got '{text}', " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Allowed: numbers, quantities such as (4 nm)"), ("  ", "Allowed: "), (3, "got 3"), (None, "got None"),
        ("4 nm / Py.thickness", "a number and what may be its unit at character 1"),
        ("0.5 + 2 Py.thickness", "a number and what may be its unit at character 7"),
        ("1 + (4 nm / Py.thickness)", "cannot be read, at character 5"),
        ("(4 nm / Py.thickness)", "its own brackets, as in (4 nm) / Py.thickness"),
        ("(4 foo)", "whose unit 'foo' is unknown, at character 1"),
        ("(20 degC)", "has a zero of its own"), ("(3 dB)", "cannot be read"),
        ("(1e999 nm)", "too large"), ("1e999", "too large"), ("(1,5 nm)", "Write a decimal point"),
        ("1 +", "no value at character 3"), ("* 2", "no value at character 1"), ("2 * / 3", "no value at character 5"),
        ("s // 2", "no value at character 4"), ("2 * ()", "no value at character 5"), ("sqrt()", "no value"),
        ("((2)", "not closed at character 1"), ("2)", "closes none at character 2"), ("(s", "not closed"),
        ("s (2)", "'s' before a bracket at character 1"), ("2 (3 nm)", "no operator at character 3"),
        ("a b", "no operator at character 3"), ("a if b else c", "no operator"), ("not s", "no operator"),
        ("''", "an empty name"), ("'abc", "\"'\" at character 1"), ("f'{x}'", "no operator at character 2"),
        ("__import__('os').system('x')", "'__import__' before a bracket at character 1"),
        ("os.system('x')", "no operator at character 10"), ("().__class__", "with '.' at character 3"),
        ("lambda: 3", "':' at character 7"), ("[1]", "'[' at character 1"), ("x[0]", "'[' at character 2"),
        ("a == b", "'=' at character 3"), ("a; b", "';' at character 2"), ("s @ 2", "'@'"), ("~s", "'~'"),
        ("3 # s", "'#'"), ("a:=3", "':'"), ("min(s, 2)", "'min' before a bracket"), ("0x10", "may be its unit"),
        ("1j", "may be its unit"), ("Pt.thickness\0", "at character 13"), ("s % 2", "'%'"), ("s & 2", "'&'"),
        ("-" * (DEEPEST + 1) + "1", f"more than {DEEPEST} operations inside of each other"),
        ("+".join(["s"] * 60), f"more than {DEEPEST} operations inside of each other"),
        ("(" * 249 + "1" + ")" * 249, "at character"), ("x" * (LONGEST + 1), f"at most {LONGEST} characters"),
    ],
)  # fmt: skip
def test_hostile_and_mistaken_text_is_refused_with_its_place(text, words):
    with pytest.raises(ss.ParameterError) as caught:
        Expression(text)
    assert caught.value.field == "equals"
    assert words in str(caught.value)
    assert caught.value.allowed


def film(thickness=4 * NM, **changes):
    layer = ss.Metal(
        "Pt", thickness=thickness, conductivity=2.8e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.08
    )
    made = layer | ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 2e13j)
    return made.replace({path.replace("_0_", "."): value for path, value in changes.items()})


CONTROL = ss.Film((film().elements[0],))
SAMPLES = [Sample("2 nm", film(2 * NM)), Sample("5 nm", film(5 * NM)), Sample("Pt", CONTROL)]
EMPTY = [np.nan] * 3
DATA = [
    Data("2 nm", ss.magnetoresistance, [3e-4], [1e-6], {"plane": "beta"}),
    Data("5 nm", ss.magnetoresistance, [4e-4], [1e-6], {"plane": "beta"}),
    Data("2 nm", ss.sheet_resistance, [150.0, *EMPTY], [1.0] * 4, {"m": "y"}),
    Data("5 nm", ss.sheet_resistance, [75.0, *EMPTY], [1.0] * 4, {"m": "y"}),
    Data("Pt", ss.sheet_resistance, [90.0, *EMPTY], [1.0] * 4),
]
UNKNOWNS = [
    Unknown("Pt.conductivity", LogNormal(2e6, 2)),
    Unknown("Pt.thickness", Relative(0.1), each="sample"),
    Unknown("s", Normal(0.2, 0.1)),
    Unknown("G", LogUniform(1e12, 1e15), unit="S/m^2"),
]
# one that is needed is behind the one that needs it; the last holds where its insulator is
TIES = [
    Tie("Pt.spin_hall_angle", "s * Pt.spin_diffusion_length / Pt[0].thickness + Pt.conductivity / (1e8 S/m)"),
    Tie("Pt.spin_diffusion_length", "(1.5 nm) * sqrt((2.8e6 S/m) / Pt.conductivity) + 0.01 * Pt.thickness"),
    Tie("YIG.mixing_conductance.real", "G * exp(-Pt.thickness / '20 nm') + 0.3 * abs(YIG.mixing_conductance.imag)"),
]


def by_hand(f, conductivity, thickness, s, G):
    """The film of the ties above, by arithmetic of Python."""
    length = 1.5e-9 * (2.8e6 / conductivity) ** 0.5 + 0.01 * thickness
    changes = {
        "Pt.conductivity": conductivity,
        "Pt.thickness": thickness,
        "Pt.spin_diffusion_length": length,
        "Pt.spin_hall_angle": s * length / thickness + conductivity / 1e8,
    }
    real = G * np.exp(-thickness / 20e-9) + 0.3 * 2e13
    return f.replace(changes | ({"YIG.mixing_conductance.real": real} if "YIG.mixing_conductance" in f else {}))


def test_a_problem_with_ties_is_the_one_by_hand_and_its_derivatives_are_exact():
    problem = Problem(SAMPLES, UNKNOWNS, DATA, TIES)
    assert [c.name for c in problem.coordinates] == [
        "Pt.conductivity", "Pt.thickness of 2 nm", "Pt.thickness of 5 nm", "Pt.thickness of Pt", "s", "G",
    ]  # fmt: skip
    assert problem.coordinates[-1].samples == (0, 1)
    assert problem.coordinates[-1].unit == "S/m^2"
    u = np.array([0.3, -0.5, 0.7, 0.2, 0.4, 0.6])
    conductivity, two, five, bare, s, G = problem.values(u)
    values, _ = problem.predicted(u)
    for one, found in zip(DATA, values, strict=True):
        sample = next(x for x in SAMPLES if x.name == one.sample)
        thickness = {"2 nm": two, "5 nm": five, "Pt": bare}[one.sample]
        hand = one.observable(by_hand(sample.film, conductivity, thickness, s, G), **one.arguments)
        assert found[0] == pytest.approx(float(np.ravel(np.asarray(hand))[0]), rel=1e-12)
    residual, J = problem.residuals(u)
    h = 1e-5
    numeric = np.stack(
        [(problem.residuals(u + h * e)[0] - problem.residuals(u - h * e)[0]) / (2 * h) for e in np.eye(6)], axis=1
    )
    np.testing.assert_allclose(J, numeric, atol=1e-7 * np.abs(J).max())
    assert residual.size == 5 + 5
    told = {one.name: one for one in problem.tied(u)}
    assert len(told) == 3 + 3 + 2
    assert told["YIG.mixing_conductance.real of 5 nm"].value == pytest.approx(G * np.exp(-five / 20e-9) + 6e12)
    assert told["YIG.mixing_conductance.real of 5 nm"].unit == "S/m^2"


@pytest.mark.study
def test_a_fit_with_a_tie_is_the_fit_of_what_it_stands_for():
    rest = [Unknown("Pt.conductivity", LogNormal(2e6, 2))]
    direct = fit_film(Problem(SAMPLES, [*rest, Unknown("Pt.spin_hall_angle", LogNormal(0.06, 2))], DATA), starts=2)
    tied = fit_film(
        Problem(SAMPLES, [*rest, Unknown("s", LogNormal(0.03, 2))], DATA, [Tie("Pt.spin_hall_angle", "2 * s")]),
        starts=2,
    )
    assert tied.attrs["chi_square"] == pytest.approx(direct.attrs["chi_square"])
    np.testing.assert_allclose(tied["value"] * [1, 2], direct["value"], rtol=1e-6)
    np.testing.assert_allclose(tied["error"] * [1, 2], direct["error"], rtol=1e-5)
    np.testing.assert_allclose(tied["tied_value"], [direct["value"][1]] * 3, rtol=1e-6)
    np.testing.assert_allclose(tied["tied_error"], [direct["error"][1]] * 3, rtol=1e-5)
    assert "tied_value" not in direct


def test_only_a_product_is_seen_and_so_the_tied_value_has_an_error_that_its_factors_have_not():
    unknowns = [UNKNOWNS[0], Unknown("s", LogUniform(0.01, 1)), Unknown("r", LogUniform(0.1, 10))]
    found = fit_film(Problem(SAMPLES, unknowns, DATA, [Tie("Pt.spin_hall_angle", "s * r")]), starts=2)
    assert np.isinf(found["error"].sel(parameter=["s", "r"])).all()
    assert (found["tied_error"] / found["tied_value"] < 0.3).all()
    J, rows = np.array([[1.0, 1, 0], [2, 2, 0]]), np.array([[3.0, 3, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0]])
    assert _unseen(J * [1e-6, 1, 1], rows * [1e-6, 1, 1]).tolist() == [False, True, True, True, False]


def test_steps_and_starts_beyond_what_is_allowed_end_no_fit():
    # the first step of Newton from the middle of the prior leads to a negative conductivity
    unknown, tie = Unknown("s", Uniform(-50, 70)), Tie("Pt.conductivity", "s * (1 MS/m)")
    problem = Problem(SAMPLES, [unknown], DATA[4:], [tie])
    with pytest.raises(ss.ParameterError, match=r"Pt.conductivity \[S/m\]: got -38000000.0, which is too small"):
        problem.predicted(np.array([0.1]))
    residual, J = problem.residuals(np.array([0.1]))
    assert residual.shape == (1,)
    assert np.isinf(residual).all()
    assert J.shape == (1, 1)
    by_hand = fit_film(Problem(SAMPLES, [Unknown("Pt.conductivity", Uniform(1e5, 1e8))], DATA[4:]), starts=1)
    assert by_hand["value"][0] == pytest.approx(2.7e6, rel=0.1)
    for seed in range(5):
        found = fit_film(problem, starts=4, seed=seed)
        assert found["value"][0] == pytest.approx(float(by_hand["value"][0]) / 1e6)
        assert found.attrs["agreeing"] == 4
    # parameters that are not allowed together
    Py = ss.Ferromagnet("Py", thickness=5 * NM, conductivity=2e6, spin_diffusion_length=4 * NM, polarization=0.4)
    sample, data = Sample("Py", ss.Film((Py,))), Data("Py", ss.sheet_resistance, [100.0, *EMPTY], [1.0] * 4, {"m": "x"})
    pair = [Unknown("Py.amr_ratio", Uniform(-0.9, 0.1)), Unknown("Py.size_effect_ratio", Uniform(-0.9, 0.1))]
    assert np.isinf(Problem([sample], pair, [data]).residuals(np.array([0.1, 0.1]))[0]).all()


def test_where_no_start_is_allowed_the_reason_is_told():
    ties = [Tie("Pt.conductivity", "log(s - 5) * (1 MS/m)")]
    problem = Problem(SAMPLES, [Unknown("s", Uniform(0, 1))], DATA[4:], ties)
    with pytest.raises(ss.ParameterError) as caught:
        fit_film(problem, starts=3)
    assert "none of 3 starts" in str(caught.value)
    assert "which is no finite number where s = " in str(caught.value)


def test_a_tie_may_hold_in_some_samples_only():
    ties = [Tie("Pt.spin_hall_angle", "0.5 * s", ["2 nm"]), Tie("Pt.spin_hall_angle", "s", samples=["5 nm"])]
    problem = Problem(SAMPLES, [Unknown("s", Uniform(0, 1)), UNKNOWNS[0]], DATA, ties)
    assert {one.name: one.value for one in problem.tied(np.array([0.4, 0.0]))} == pytest.approx(
        {"Pt.spin_hall_angle of 2 nm": 0.2, "Pt.spin_hall_angle of 5 nm": 0.4}
    )
    values, rows = problem.predicted(np.array([0.4, 0.0]))
    for i, theta in ((0, 0.2), (1, 0.4)):

        def hand(s, i=i, share=theta / 0.4):
            made = SAMPLES[i].film.replace({"Pt.spin_hall_angle": share * s, "Pt.conductivity": 2e6})
            return float(ss.magnetoresistance(made, plane="beta"))

        assert values[i][0] == pytest.approx(hand(0.4), rel=1e-12)
        assert rows[i][0, 0] == pytest.approx((hand(0.401) - hand(0.399)) / 0.002, rel=1e-5)
    assert rows[4][0, 0] == 0


def test_fixed_and_left_out_values_of_the_films_are_used():
    ties = [Tie("Pt.conductivity", "s * 'Pt.thickness' * (1e15 S/m^2) + Pt.hall_coefficient * (1e9 S/m * C/m^3)"),
            Tie("Pt.spin_hall_angle", "0.01 * Pt.g_factor + Pt.spin_splitter[x,y]")]  # fmt: skip
    problem = Problem(SAMPLES, [Unknown("s", Uniform(0, 1))], DATA, ties)
    told = {one.name: one for one in problem.tied(np.array([0.5]))}
    assert told["Pt.conductivity of 5 nm"].value == pytest.approx(2.5e6)
    assert told["Pt.conductivity of 5 nm"].slopes == pytest.approx([5e6])
    assert told["Pt.spin_hall_angle of Pt"].value == pytest.approx(0.02)
    assert told["Pt.spin_hall_angle of Pt"].slopes == pytest.approx([0.0])


def refused(*ties, unknowns=(UNKNOWNS[0],)):
    return lambda: Problem(SAMPLES, unknowns, DATA, [Tie(*tie) for tie in ties])


S = Unknown("s", Normal(0, 1))
BAD = {
    "path": (lambda: Tie("Pt", "2"), ["path: got 'Pt'. Allowed: 'element.field'"]),
    "path and text": (lambda: Tie(3, "2 +"), ["path: got 3", "3.equals: got '2 +', with no value at character 3"]),
    "samples": (lambda: Tie("Pt.thickness", "(2 nm)", "2 nm"), ["Pt.thickness.samples: got '2 nm'"]),
    "unit": (refused(("Pt.thickness", "3")), ["Pt.thickness.equals: got '3', which is in 1. Allowed: what is in m"]),
    "sum": (refused(("Pt.thickness", "Pt.thickness + 3")), ["adds m and 1 at character 16"]),
    "unit of an unknown": (
        refused(("Pt.thickness", "s"), unknowns=[Unknown("s", Normal(0, 1), unit="S")]), ["which is in S. Allowed"],
    ),
    "unknown and tied": (
        refused(("Pt.conductivity", "(2 MS/m)")), ["ties: got 'Pt.conductivity', which is an unknown, too"],
    ),
    "unknown by another path": (
        refused(("Pt[0].conductivity", "(2 MS/m)")), ["ties: got 'Pt[0].conductivity', which the unknown Pt.cond"],
    ),
    "tied twice": (
        refused(("Pt.spin_hall_angle", "0.1"), ("Pt.spin_hall_angle", "0.2")), ["got 'Pt.spin_hall_angle', twice"],
    ),
    "the same twice": (refused(*[("Pt.spin_hall_angle", "0.1")] * 2), ["got 'Pt.spin_hall_angle', twice"]),
    "operands that differ": (
        lambda: Problem([Sample("two", CONTROL.elements[0] | film(2 * NM).elements[0])], UNKNOWNS[:1],
                        [Data("two", ss.sheet_resistance, [1, *EMPTY], [1] * 4)],
                        [Tie("Pt.spin_hall_angle", "Pt.thickness / (50 nm)")]),
        ["which the film does not give", "names 2 elements with different values"],
    ),
    "tied twice by another path": (
        refused(("Pt.spin_hall_angle", "0.1"), ("Pt[0].spin_hall_angle", "0.2")), ["which the tie of Pt.spin_hall_an"],
    ),
    "no film": (refused(("Py.thickness", "(2 nm)")), ["got 'Py.thickness', which no film has that was measured", "Py"]),
    "no field": (refused(("Pt.thicknes", "(2 nm)")), ["which no film has", "Did you mean 'thickness'?"]),
    "no sample": (refused(("Pt.thickness", "(2 nm)", ["2nm"])), ["samples: got '2nm', which is no sample that was"]),
    "not in its samples": (
        refused(("YIG.mixing_conductance.real", "(1e14 S/m^2)", ["2 nm", "Pt"])), ["which not every such film has"],
    ),
    "no operand": (refused(("Pt.spin_hall_angle", "Co.polarization")), ["'Co.polarization', which the film does not"]),
    "operand of one film only": (
        refused(("Pt.thickness", "(2 nm) * YIG.mixing_conductance.real / (1e14 S/m^2)")), ["'YIG.mixing_conductance."],
    ),
    "no unknown": (
        refused(("Pt.spin_hall_angle", "0.1 * ss"), unknowns=[S, UNKNOWNS[0]]),
        ["with 'ss', which is no unknown", "Did you mean 's'?", "'s', which no film has that was measured. No tie use"],
    ),
    "complex": (refused(("YIG.mixing_conductance", "(1e14 S/m^2)")), ["Give YIG.mixing_conductance.real or"]),
    "complex operand": (refused(("Pt.conductivity", "YIG.mixing_conductance * (1 nm)")), [".real or"]),
    "tensor": (refused(("Pt.spin_splitter[:,:]", "0.1")), ["Name its components"]),
    "part of a tensor moves": (
        refused(("Pt.spin_splitter[x,x]", "Pt.spin_hall_angle[y,x]"),
                unknowns=[Unknown("Pt.spin_hall_angle", Normal(0, 1))]), ["moves a part"],
    ),
    "itself": (refused(("Pt.thickness", "2 * Pt.thickness")), ["a circle: Pt.thickness needs Pt.thickness."]),
    "circle": (
        refused(("Pt.thickness", "2 * Pt.spin_diffusion_length"), ("Pt.spin_diffusion_length", "Pt[0].thickness / 2")),
        ["a circle: Pt.thickness needs Pt.spin_diffusion_length needs Pt.thickness."],
    ),
    "never allowed": (refused(("Pt.thickness", "-(2 nm)")), ["Pt.thickness [m]: got -2e-09, which is too small"]),
    "no number": (refused(("Pt.thickness", "(2 nm) / 0")), ["which is no finite number"]),
    "several": (
        refused(("Pt.thickness", "3"), ("Pt.spin_diffusion_length", "r"), ("Cu.thickness", "(1 nm)")),
        ["which is in 1", "'r', which is no unknown", "'Cu.thickness', which no film has"],
    ),
    "relative unknown": (
        refused(("Pt.spin_hall_angle", "s"), unknowns=[Unknown("s", Relative(0.1))]), ["has no value in the films"],
    ),
    "group": (
        refused(("Pt.spin_hall_angle", "s"), unknowns=[Unknown("s", Normal(0, 1), each="batch")]), ["s.each: got"],
    ),
    "not SI": (lambda: Unknown("s", Normal(0, 1), unit="nm"), ["s.unit: got 'nm', which does not count in base units"]),
    "unit of a path": (lambda: Unknown("Pt.thickness", Normal(0, 1), unit="m"), ["unit: got 'm', where the film"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_ties_that_do_not_fit_are_refused_before_anything_is_computed(case, monkeypatch):
    monkeypatch.setattr("spinstack.fitting.models.compile", None)
    call, words = BAD[case]
    with pytest.raises(ss.ParameterError) as caught:
        call()
    for said in words:
        assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3  # told once, not for every sample
