"""Mechanisms compared where all evidence is known in closed form: amplitudes of single magnets are linear in AMR and
size effect."""

import numpy as np
import pytest
from scipy import integrate, stats

import spinstack as ss
from spinstack.fitting import (
    Candidate,
    Data,
    LogNormal,
    Mechanism,
    Normal,
    Problem,
    Sample,
    Tie,
    Unknown,
    compare_mechanisms,
    next_measurement,
    ready_mechanisms,
)
from spinstack.fitting.comparison import probabilities
from spinstack.fitting.masks import problems_of

NM = 1e-9
ERROR = 1e-4
PLANES = {"plane": ["alpha", "beta", "gamma"], "angles": [90.0]}
AMR = Unknown("Py.amr_ratio", Normal(5e-3, 1e-3))
SIZE = Normal(0.0, 2e-3)
SIZE_EFFECT = Mechanism("size effect", [Unknown("Py.size_effect_ratio", SIZE)])
OF_THIN = Mechanism("size effect of the thin film", [Unknown("Py.size_effect_ratio", SIZE, samples=["thin"])])
MECHANISMS = [Mechanism("none"), SIZE_EFFECT, OF_THIN]


def magnet(thickness, **values):
    values = {"conductivity": 4e6, "spin_diffusion_length": 4 * NM, "amr_ratio": 5e-3} | values
    return ss.Film((ss.Ferromagnet("Py", thickness=thickness, **values),))


def problem(thin, thick, error=ERROR, **films):
    samples = [Sample("thin", magnet(2 * NM, **films)), Sample("thick", magnet(8 * NM, **films))]
    data = [
        Data(name, ss.angular_scan, values, np.full(3, error), PLANES, "MR_xx", name=f"{name} film")
        for name, values in (("thin", thin), ("thick", thick))
    ]
    return Problem(samples, [AMR], data)


def exact(thin, thick, error=ERROR):
    """ln Z of the three mechanisms: alpha = -a, beta = s, gamma = s - a for small ratios."""
    y = np.array([*thin, *thick])
    a = np.array([-1, 0, -1, -1, 0, -1])
    s = np.array([0, 1, 1, 0, 1, 1])
    first = np.array([1, 1, 1, 0, 0, 0])
    logs = []
    for effect in (0 * s, s, s * first):
        C = error**2 * np.eye(6) + 1e-3**2 * np.outer(a, a) + 2e-3**2 * np.outer(effect, effect)
        logs.append(stats.multivariate_normal.logpdf(y, 5e-3 * a, C))
    return np.array(logs)


BOTH = ([-5e-3, -1e-3, -6e-3], [-5e-3, -1e-3, -6e-3])
THIN = ([-5e-3, -1e-3, -6e-3], [-5e-3, 0.0, -5e-3])


@pytest.mark.study
@pytest.mark.parametrize(("data", "best"), [(BOTH, 1), (THIN, 2)])
def test_evidence_and_probability_are_those_of_the_linear_model(data, best):
    found = compare_mechanisms(problem(*data), MECHANISMS, starts=8)
    expected = exact(*data)
    # the ratio to the resistance at 0 degrees, 1 + a, is not quite linear: a part in 200
    np.testing.assert_allclose(found["log_evidence"], expected, rtol=0.02, atol=0.2)
    probability = np.exp(expected - expected.max())
    np.testing.assert_allclose(found["probability"], probability / probability.sum(), atol=0.01)
    assert int(found["probability"].values.argmax()) == best
    assert found["fits"].values.tolist() == [k == best for k in range(3)]
    assert not found.none_fits
    assert found["degrees_of_freedom"].values.tolist() == [6, 6, 6]
    assert (found["method"] == "importance sampling").all()


def test_what_excludes_a_mechanism_is_said_in_words():
    found = compare_mechanisms(problem(*THIN), MECHANISMS, starts=8)
    words = found.attrs["words"].split("\n")
    assert words[0] == "size effect of the thin film is the most probable of these (100 %)."
    assert words[1].startswith("thin has a beta amplitude of -0.001: none is out by 10 sigma (its best is none)")
    assert words[2].startswith("thick has no beta amplitude: size effect is out by ")
    out = found["out"].sel(mechanism="size effect").values
    # to first order the square is what chi-square falls by without the datum
    rest = problem(THIN[0], [THIN[1][0], np.nan, THIN[1][2]])
    without = compare_mechanisms(rest, [SIZE_EFFECT], starts=8)
    fall = float(found["chi2"].sel(mechanism="size effect") - without["chi2"][0])
    assert out[4] ** 2 == pytest.approx(fall, rel=0.02)
    # a size effect may have either sign
    assert found["sign"].sel(mechanism="size effect of the thin film").values.tolist() == [-1, 0, -1, -1, 0, -1]
    assert found["plane"].values.tolist() == ["alpha", "beta", "gamma"] * 2


def test_none_of_these_however_probable_the_best():
    """Opposite beta amplitudes in the two films: nothing in the list makes them."""
    found = compare_mechanisms(problem([-5e-3, -1e-3, -6e-3], [-5e-3, 1e-3, -4e-3]), MECHANISMS, starts=8)
    assert found.none_fits
    assert found["probability"].max() > 0.9
    assert found.attrs["words"].startswith("None of these mechanisms describes the data.")
    with pytest.warns(UserWarning, match="no mechanism describes the data"):
        next_measurement(found, [Candidate("again", "thin", ss.angular_scan, [ERROR] * 3, PLANES, "MR_xx")])


def test_effects_of_other_mechanisms_are_off_and_named():
    films = {"size_effect_ratio": -3e-3, "anomalous_hall_angle": 0.01}
    made, held = problems_of(
        problem(*BOTH, **films), [*MECHANISMS, Mechanism("all", fixed={"Py.size_effect_ratio": 1e-3})]
    )
    assert held[0] == {"Py.size_effect_ratio": 0.0}
    assert held[1] == {}
    assert held[2] == {"Py.size_effect_ratio of thick": 0.0}
    assert held[3] == {"Py.size_effect_ratio": 1e-3}
    u = np.zeros((1, 1))
    np.testing.assert_allclose(made[0].computed(u)[0][[1, 4]], 0.0, atol=1e-12)
    np.testing.assert_allclose(made[3].computed(u)[0][[1, 4]], 1e-3, rtol=1e-9)
    # what no mechanism speaks of stays as the films have it
    assert made[0].samples[0].film.get("Py.anomalous_hall_angle") == 0.01
    # and only the thin film has what is restricted to it
    np.testing.assert_allclose(made[2].computed(np.array([[0.0, 1.0]]))[0][[1, 4]], [2e-3, 0.0], atol=1e-9)
    found = compare_mechanisms(problem(*BOTH, **films), MECHANISMS, starts=4)
    assert str(found["held"].values[2]) == "Py.size_effect_ratio of thick = 0"


def test_what_one_mechanism_fixes_goes_on_following_in_the_others():
    films = bilayer_problem()
    filtering = Unknown("RuO2|Py.filtering", Normal(1e5, 1e4))
    both = Mechanism("both faces", [filtering])
    lower = Mechanism("lower face", [filtering], fixed={"RuO2|Py.filtering_upper": 0.0})
    u = np.zeros((1, 2))
    alone = problems_of(films, [both])[0][0].computed(u)
    made = problems_of(films, [both, lower])[0]
    np.testing.assert_allclose(made[0].computed(u), alone, rtol=1e-12)
    film = films.samples[0].film.replace({filtering.path: 1e5, "RuO2|Py.filtering_upper": 0.0})
    beta = float(ss.magnetoresistance(film, plane="beta"))
    assert made[1].computed(u)[0, 1] == pytest.approx(beta, rel=1e-9)
    assert abs(beta - alone[0, 1]) > 0.1 * abs(beta)


def test_a_mechanism_may_tie_its_effect():
    """A size effect that goes as the inverse of the thickness."""
    tied = Mechanism(
        "surface", [Unknown("s", Normal(0, 2e-3))], ties=[Tie("Py.size_effect_ratio", "s * (2 nm) / Py.thickness")]
    )
    data = problem([-5e-3, -1e-3, -6e-3], [-5e-3, -0.25e-3, -5.25e-3])
    found = compare_mechanisms(data, [*MECHANISMS, tied], starts=8)
    assert str(found["mechanism"].values[int(found["probability"].values.argmax())]) == "surface"
    np.testing.assert_allclose(found["best"].sel(mechanism="surface")[[1, 4]], [-1e-3, -0.25e-3], rtol=0.1)
    assert found["held"].sel(mechanism="surface") == ""


def test_evidence_that_is_not_known_leaves_probabilities_unknown_unless_it_is_far_below():
    found = compare_mechanisms(problem(*THIN), MECHANISMS, starts=4)
    refused = found.outcomes[1].evidence.__class__(-3.0, 1.0, 5.0, 1.0, "refused", "", np.zeros((0, 2)), np.zeros(0))
    best = found.outcomes[2].evidence.log
    outcomes = [found.outcomes[0], found.outcomes[1]._replace(evidence=refused), found.outcomes[2]]
    assert probabilities(outcomes)[2] == pytest.approx(1.0)
    near = refused.__class__(best - 1, 1.0, 5.0, 1.0, "refused", "", np.zeros((0, 2)), np.zeros(0))
    assert np.isnan(probabilities([outcomes[0], outcomes[1]._replace(evidence=near), outcomes[2]])).all()


def again(name, sample="thin", error=ERROR, **others):
    # beta alone
    return Candidate(name, sample, ss.angular_scan, [np.nan, error, np.nan], PLANES, "MR_xx", **others)


def test_information_on_parameters_is_that_of_the_linear_model():
    found = compare_mechanisms(problem(*BOTH), [SIZE_EFFECT], starts=4)
    # four data see the size effect, two of them beside AMR: what is left of its prior
    a, s = np.array([-1, 0, -1, -1, 0, -1]), np.array([0, 1, 1, 0, 1, 1])
    J = np.stack([1e-3 * a, 2e-3 * s], axis=1) / ERROR
    width = 2e-3 * np.sqrt(np.linalg.inv(J.T @ J + np.eye(2))[1, 1])
    plan = next_measurement(
        found, [again("coarse", error=5e-4), again("fine", error=2e-5), again("dear", cost=100.0)], of="parameters"
    )
    assert plan["candidate"].values.tolist() == ["fine", "coarse", "dear"]
    for name, error in (("fine", 2e-5), ("coarse", 5e-4), ("dear", ERROR)):
        one = plan.sel(candidate=name)
        expected = 0.5 * np.log(1 + (width / error) ** 2)
        assert float(one["gain"]) == pytest.approx(expected, abs=0.02 + 3 * float(one["gain_error"]))
        assert one["gain_error"] < 0.05
    assert float(plan["gain_per_cost"].sel(candidate="dear")) == pytest.approx(
        float(plan["gain"].sel(candidate="dear")) / 100
    )


@pytest.mark.study
def test_information_on_mechanisms_is_the_fall_of_their_entropy():
    """The thick film was not measured well: a better beta amplitude of it decides, one of the thin film does not."""
    data = problem([-5e-3, -1e-3, -6e-3], [-5e-3, np.nan, np.nan])
    found = compare_mechanisms(data, [SIZE_EFFECT, OF_THIN], starts=4)
    np.testing.assert_allclose(found["probability"], 0.5, atol=0.02)
    new = again("new", "thick", error=4e-4, set={"Py.thickness": 20 * NM})
    plan = next_measurement(found, [again("thin"), again("thick", "thick", error=4e-4), new], draws=3000)
    # beta of the thick film is -1e-3 with the width that is left, or 0
    width = ERROR / np.sqrt(1.5)
    one, two = stats.norm(-1e-3, np.hypot(width, 4e-4)), stats.norm(0, 4e-4)

    def fall(y):
        p, q = 0.5 * one.pdf(y), 0.5 * two.pdf(y)
        return p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))

    expected, _ = integrate.quad(fall, -3e-3, 2e-3)
    gain = plan["gain"].sel(candidate="thick")
    assert float(gain) == pytest.approx(expected, abs=0.03)
    assert plan["gain"].sel(candidate="thin") < 0.02
    # a film that is made like the thick one has its mechanism
    assert float(plan["gain"].sel(candidate="new")) == pytest.approx(expected, abs=0.03)
    assert str(plan["candidate"].values[-1]) == "thin"


def bilayer_problem():
    py = magnet(4 * NM).elements[0]
    film = (
        ss.Metal("RuO2", thickness=5 * NM, conductivity=2.8e6, spin_diffusion_length=2 * NM)
        | ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=7e14)
        | py
    )
    scan = [Data(n, ss.angular_scan, [-3e-3, 0, -3e-3], [ERROR] * 3, PLANES, "MR_xx") for n in ("bilayer", "control")]
    return Problem([Sample("bilayer", film), Sample("control", magnet(4 * NM))], [AMR], scan)


EXCESS = Unknown("excess", LogNormal(3e14, 2), unit="S/m^2")
MIXING = Tie("RuO2|Py.mixing_conductance.real", "(RuO2|Py.conductance_up + RuO2|Py.conductance_down) / 2 + excess")


@pytest.mark.study
def test_a_spin_hall_effect_of_either_sign_predicts_one_sign_where_interfaces_are_such_as_scattering_allows():
    """Re G of the interface above the mean of the other two: docs/methods/closed_forms.md, section 5."""
    given = bilayer_problem()
    made = Problem(given.samples, [AMR, EXCESS], given.data, [MIXING])
    found = compare_mechanisms(
        made, ready_mechanisms(made, metal="RuO2", magnet="Py", only=["none", "spin Hall"]), fallback=False
    )
    assert found["sign"].values.tolist() == [[-1, 0, -1, -1, 0, -1], [-1, 1, -1, -1, 0, -1]]
    assert "interface" not in found.attrs["words"]
    low = found.outcomes[1].predicted[:, 1].min()
    assert -1e-12 < low < 1e-5
    # without that bound it has the other sign as well, and the fit to data that ask for it says what it took
    free = Unknown(MIXING.path, LogNormal(3e14, 2))
    wrong = [Data("bilayer", ss.angular_scan, [-3e-3, -1e-3, -4e-3], [ERROR] * 3, PLANES, "MR_xx"), given.data[1]]
    made = Problem(given.samples, [AMR, free], wrong)
    found = compare_mechanisms(
        made, ready_mechanisms(made, metal="RuO2", magnet="Py", only=["spin Hall"]), fallback=False
    )
    assert found["sign"].values[0, 1] == 0
    last = found.attrs["words"].split("\n")[-1]
    assert last.startswith(
        "spin Hall: no interface is like that of its best film. RuO2|Py.mixing_conductance: its real"
    )


def test_ready_mechanisms_free_what_their_names_say():
    made = {m.name: m for m in ready_mechanisms(bilayer_problem(), metal="RuO2", magnet="Py", splitter="x,y")}
    assert len(made) == 11
    assert made["none"].paths == ()
    assert made["IGSC without inverse"].paths == ("RuO2.spin_hall_angle", "RuO2|Py.filtering")
    assert dict(made["IGSC without inverse"].fixed) == {"RuO2|Py.reciprocal": 0.0}
    assert made["size effect of the bilayer"].unknowns[0].samples == ("bilayer",)
    assert made["spin splitter"].paths == ("RuO2.spin_splitter[x,y]",)
    problems, held = problems_of(bilayer_problem(), list(made.values()))
    assert [p.size for p in problems] == [1, 2, 3, 3, 2, 2, 2, 3, 2, 3, 3]
    assert held[5]["Py.size_effect_ratio of control"] == 0.0
    assert held[2]["RuO2|Py.reciprocal"] == 0.0
    only = ready_mechanisms(
        bilayer_problem(), metal="RuO2", magnet="Py", only=["spin Hall"], priors={"spin_hall_angle": Normal(0.1, 0.01)}
    )
    assert only[0].unknowns[0].prior == Normal(0.1, 0.01)


@pytest.mark.study
def test_films_with_orbital_moments_have_an_orbital_hall_effect():
    given = bilayer_problem()
    carries = {"orbital_diffusion_length": 5 * NM}

    def changed(film):
        more = {ss.Interface: {"orbital_conductance": 3e14}}
        return ss.Film(tuple(e.replace(**more.get(type(e), carries)) for e in film.elements))

    samples = [Sample(s.name, changed(s.film)) for s in given.samples]
    of = Problem(samples, [AMR], given.data)
    names = ["orbital Hall", "spin Hall and orbital Hall"]
    made = ready_mechanisms(of, metal="RuO2", magnet="Py", only=names)
    assert made[0].paths == ("RuO2.orbital_hall_angle", "Py.spin_orbital_conversion")
    assert made[1].paths == ("RuO2.spin_hall_angle", *made[0].paths)
    problems, _ = problems_of(of, made)
    assert [p.size for p in problems] == [3, 4]
    # the conversion makes a magnetoresistance of it, in the film with the metal
    none, both = problems[0].computed(np.array([[5e-3, 0.4, 0.5], [5e-3, 0.4, 0.95]]))  # of -1 to 1: 0 and 0.9
    assert abs(both - none)[:3].max() > 1e-5
    assert abs(both - none)[3:].max() < 1e-12


FILMS = problem(*BOTH)
BAD = {
    "none": (lambda: compare_mechanisms(FILMS, []), ["mechanisms: got none"]),
    "twice": (lambda: compare_mechanisms(FILMS, [SIZE_EFFECT] * 2), ["mechanisms: got 'size effect', twice"]),
    "in common": (
        lambda: compare_mechanisms(FILMS, [Mechanism("a", [AMR])]),
        ["a.path: got 'Py.amr_ratio', which is unknown, or tied, in the problem already"],
    ),
    "free and fixed": (
        lambda: compare_mechanisms(FILMS, [Mechanism("a", SIZE_EFFECT.unknowns, fixed={"Py.size_effect_ratio": 1})]),
        ["a.fixed: got 'Py.size_effect_ratio', which is free or tied in it"],
    ),
    "cannot be off": (
        lambda: compare_mechanisms(
            FILMS, [Mechanism("none"), Mechanism("a", [Unknown("Py.conductivity", LogNormal(4e6, 2))])]
        ),
        ["none.fixed: got 'Py.conductivity', which another mechanism frees, and which cannot be 0", "Give it a value"],
    ),
    "no such path": (
        lambda: compare_mechanisms(FILMS, [Mechanism("a", fixed={"Pt.spin_hall_angle": 0})]),
        ["a.fixed: got 'Pt.spin_hall_angle', which no sample has"],
    ),
    "unknowns": (lambda: Mechanism("a", [SIZE]), ["a.unknowns", "Allowed: Unknowns"]),
    "fixed": (lambda: Mechanism("a", fixed={"Py.amr_ratio": "x"}), ["a.Py.amr_ratio: got 'x'"]),
    "starts": (lambda: compare_mechanisms(FILMS, MECHANISMS, starts=1), ["starts: got 1"]),
    "no bilayer": (
        lambda: ready_mechanisms(FILMS, metal="Pt", magnet="Py"), ["which no film has beside each other", "Py"],
    ),
    "no such name": (
        lambda: ready_mechanisms(bilayer_problem(), metal="RuO2", magnet="Py", only=["IGSC"]), ["only: got 'IGSC'"],
    ),
    "no such prior": (
        lambda: ready_mechanisms(bilayer_problem(), metal="RuO2", magnet="Py", priors={"theta": SIZE}),
        ["priors: got 'theta'"],
    ),
    "no coupling": (
        lambda: ready_mechanisms(bilayer_problem(), metal="RuO2", magnet="Py", antiferromagnet="NiO"),
        ["an entry exchange_coupling"],
    ),
    "cost": (lambda: again("a", cost=0), ["a.cost: got 0"]),
    "table": (lambda: next_measurement(FILMS, [again("a")]), ["which has no posteriors"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_compared_is_refused_before_anything_is_computed(case):
    call, words = BAD[case]
    with pytest.raises(ss.ParameterError) as caught:
        call()
    for said in words:
        assert said in str(caught.value)


def test_candidates_that_do_not_fit_are_refused():
    found = compare_mechanisms(FILMS, [SIZE_EFFECT], starts=4)
    for candidates, words in (
        ([], "candidates: got []"),
        ([again("a"), again("a")], "candidates: got 'a', twice"),
        ([again("a", "middle")], "a.sample: got 'middle'"),
    ):
        with pytest.raises(ss.ParameterError, match=words.replace("[", r"\[").replace("]", r"\]")):
            next_measurement(found, candidates)
    with pytest.raises(ss.ParameterError, match="of: got 'fields'"):
        next_measurement(found, [again("a")], of="fields")
