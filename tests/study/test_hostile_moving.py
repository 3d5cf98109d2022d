"""Sample files about magnets that move as careless people write them: refused before anything is computed."""

import copyreg

import jax
import numpy as np
import pytest
import xarray as xr
from sample_texts import BILAYER

import spinstack as ss
from spinstack import figures
from spinstack.magnets.steps import MOST_IN_A_ROW, checked_count
from spinstack.study import read_film_study
from spinstack.text.document import SampleError, parse_document
from spinstack.text.errors import ParameterError

nm = 1e-9
MAGNET = """
[[magnet]]
name = "Py"
magnetization = "0.8e6 A/m"
damping = 0.05
effective_magnetization = "-0.3 T"
start = "z"
"""


@pytest.mark.parametrize(
    ("request_text", "words"),
    [
        ('[[trace]]\nduration = "-1 ns"', "trace[0].duration: got -1e-09"),
        ('[[trace]]\nduration = "1 ns"\nruns = 4', "Give T."),
        ('[[trace]]\nduration = "1 ns"\nm = [0, 0, 0]', "vector of length zero"),
        ('[[trace]]\nduration = "1 ns"\nm = { Fe = "z" }', "no direction for Py"),
        ('[[trace]]\nduration = "1 ns"\nsamples = 2000000000', "Allowed: up to"),
        (
            '[[trace]]\nduration = "1 ns"\npulse = { plateau = "1 ns" }\nalternating = { frequency = "1 GHz" }',
            "Give one.",
        ),
        ('[[switching_map]]\ncurrent = ["1 A/m"]\npulse = { rise = "1 ns" }', "pulse.plateau: missing"),
        ('[[switching_map]]\npulse = { plateau = "1 ns" }', "Give several values"),
        (
            '[[switching_map]]\ncurrent = ["1 A/m"]\nBx = ["0 T"]\nBy = ["0 T"]\npulse = { plateau = "1 ns" }',
            "over current, Bx, By. Give several values of one or two",
        ),
        (
            '[[switching_map]]\ncurrent = { start = "0 A/m", stop = "1 A/m", points = 10001 }\n'
            'Bx = { start = "0 T", stop = "1 T", points = 10001 }\npulse = { plateau = "1 ns" }',
            "asks for 100,020,001 points",
        ),
        ('[[critical_current]]\nkind = "switching"', "Give a Pulse."),
        ('[[critical_current]]\nkind = "fold"\npulse = { plateau = "1 ns" }', "Leave it out."),
        ('[[harmonic_hall]]\nfield = ["1 T"]\nangles = ["0 deg"]\ncurrent_rms = "-1 A/m"', "greater than 0"),
        (
            '[[spin_torque_fmr]]\nfield = ["1 T"]\nangle = ["0 deg"]\ncurrent = "1 A/m"\nfrequency = ["-1 GHz"]',
            "at least 0",
        ),
    ],
)
def test_a_request_is_refused_before_anything_is_computed(request_text, words):
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(BILAYER + MAGNET + request_text + "\n", "s.toml"))
    assert words in str(caught.value)
    assert "line" in str(caught.value)


def bilayer(thickness=2 * nm):
    pt = ss.Metal("Pt", thickness=5 * nm, conductivity=4e6, spin_diffusion_length=1.5 * nm, spin_hall_angle=0.1)
    face = ss.Interface(conductance_up=6e14, conductance_down=3e14, mixing_conductance=7e14 + 0.8e14j)
    co = ss.Ferromagnet(
        "Co", thickness=thickness, conductivity=3e6, polarization=0.4, spin_diffusion_length=5 * nm,
        dephasing_length=0.5 * nm,
    )  # fmt: skip
    return pt | face | co


def test_a_place_that_nothing_holds_is_told_and_no_matrix_is_singular():
    model = ss.MagneticModel(bilayer(), [ss.Macrospin("Co", magnetization=1e6, effective_magnetization=0.8)])
    with pytest.raises(ParameterError, match=r"nothing holds.*B = \(0, 0, 0\).*Give a field"):
        ss.harmonic_hall(model, [0.0, 0.5], [0.0, 90.0], 100.0, m="x")


def test_two_places_that_meet_are_no_fold():
    magnet = ss.Macrospin("Co", magnetization=1.1e6, damping=0.05, anisotropy_field=0.2, easy_axis="z")
    model = ss.MagneticModel(bilayer(4 * nm), [magnet])
    with pytest.raises(ParameterError, match=r"none up to .* mirror image"):
        ss.critical_current(model, "fold", m="z", sign=1)


def test_without_damping_nothing_has_to_be_overcome():
    magnet = ss.Macrospin("Co", magnetization=1.1e6, damping=0, anisotropy_field=0.2, easy_axis="z")
    with pytest.raises(ParameterError, match="damping"):
        ss.critical_current(ss.MagneticModel(bilayer(), [magnet]), "instability", m="z")


def test_two_magnets_are_coupled_once():
    film = bilayer() | ss.Metal("Cu", thickness=3 * nm, conductivity=1e7, spin_diffusion_length=300 * nm)
    film = film | ss.Ferromagnet("Py", thickness=3 * nm, conductivity=3e6, polarization=0.4,
                                 spin_diffusion_length=5 * nm, dephasing_length=0.5 * nm)  # fmt: skip
    magnet = ss.Macrospin("Co", magnetization=1.1e6, effective_magnetization=0.5)
    both = [ss.InterlayerExchange("Co", "Py", bilinear=1e-4), ss.InterlayerExchange("Py", "Co", bilinear=1e-4)]
    with pytest.raises(ParameterError, match="twice"):
        ss.MagneticModel(film, [magnet], {"Py": "x"}, both)


def test_steps_that_take_days_are_refused():
    assert checked_count(0.9995e-9, 1e-12, 1, "duration") == 1000
    with pytest.raises(ParameterError, match="steps of"):
        checked_count(10 * MOST_IN_A_ROW * 1e-12, 1e-12, 1, "duration")
    with pytest.raises(ParameterError, match="for each of 1000000"):
        checked_count(1e-3, 1e-12, 10**6, "pulse")


def test_errors_keep_their_own_words_where_copies_share_them(monkeypatch):
    def shared(error):
        return _with_state, (type(error), error.args, error.__dict__)

    monkeypatch.setitem(copyreg.dispatch_table, ParameterError, shared)
    error = ParameterError("so", got=np.float64(1), remedy="Give one.")
    assert error.with_fields(remedy="").remedy == ""
    assert error.remedy == "Give one."


def _with_state(kind, args, state):
    made = kind(*args)
    made.__dict__ = state
    return made


def test_a_direction_that_nothing_holds_does_not_grow_by_rounding():
    magnet = ss.Macrospin("Co", magnetization=1.1e6, damping=0.02, effective_magnetization=0.8)
    fields = np.stack([np.zeros(9), np.zeros(9), np.linspace(0.01, 0.3, 9)], -1)
    found = ss.modes(ss.MagneticModel(bilayer(), [magnet]), B=fields, m="x")
    assert found["stable"].all()
    np.testing.assert_array_equal(found["linewidth"], 0)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (MAGNET + MAGNET, "magnet[1].name", "another [[magnet]] tells"),
        (MAGNET.replace('name = "Py"', ""), "magnet[0].name", "missing"),
        (MAGNET.replace('"Py"', '"PY"'), "magnet[0].name", "Did you mean 'Py'"),
        (MAGNET + '[[exchange]]\nfirst = "Py"\nsecond = "Ni"\n', "exchange[0].second", "Allowed: Py"),
    ],
)
def test_names_of_magnets_are_told_where_they_stand(text, where, words):
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(BILAYER + text + "[[equilibrium]]\n", "s.toml"))
    found = {error.words: str(error) for error in caught.value.errors}
    assert words in found[where]


PERPENDICULAR = ss.Macrospin("Co", magnetization=1.1e6, damping=0.05, anisotropy_field=0.3, easy_axis="z")
PULSE = ss.Pulse(current=1e4, plateau=1e-10)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: ss.equilibrium(model, m="z"),
        lambda model: ss.modes(model, m="z"),
        lambda model: ss.oscillation(model, 1.0),
        lambda model: ss.trace(model, "z", duration=1e-10),
        lambda model: ss.switching_map(model, {"current": [1.0]}, PULSE, "z"),
        lambda model: ss.critical_current(model, "fold"),
        lambda model: ss.harmonic_hall(model, [1.0], [0.0], 1.0),
        lambda model: ss.spin_torque_fmr(model, [1e9], [1.0], [0.0], 1.0),
        lambda model: ss.loop_shift(model, [1.0], most=1.0),
    ],
)
def test_what_is_no_model_is_told(ask):
    with pytest.raises(ParameterError, match="Allowed: a MagneticModel"):
        ask(bilayer())


def test_several_numbers_where_one_is_meant_are_told():
    model = ss.MagneticModel(bilayer(), [PERPENDICULAR])
    with pytest.raises(ParameterError, match=r"magnetization.*not one number"):
        ss.MagneticModel(bilayer(), [PERPENDICULAR.replace(magnetization=np.array([1e6, 2e6]))])
    with pytest.raises(ParameterError, match=r"plateau.*several numbers"):
        ss.switching_map(model, {"current": [1.0]}, PULSE.replace(plateau=np.array([1e-10, 2e-10])), "z")
    with pytest.raises(ParameterError, match=r"plateau.*several numbers"):
        ss.critical_current(model, "switching", m="z", pulse=PULSE.replace(plateau=np.array([1e-10, 2e-10])))
    with pytest.raises(ParameterError, match="a Pulse, which ends"):
        ss.critical_current(model, "switching", m="z", pulse=ss.Alternating(current=1.0, frequency=1e9))  # type: ignore
    with pytest.raises(ParameterError, match="seed"):
        ss.trace(model, "z", duration=1e-10, seed=2**70)
    with pytest.raises(ParameterError, match="traced by JAX"):
        jax.jit(lambda b: ss.equilibrium(model, B=b, m="z")["m"].values)(np.zeros(3))


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1)])
def test_an_axis_of_one_value_is_told_above_a_curve(shape):
    K, B = np.linspace(1e4, 3e4, shape[0]), np.linspace(0.1, 0.3, shape[1])
    ends = np.broadcast_to([0, 0, 1.0], (*shape, 1, 3))
    data = xr.Dataset(
        {
            "m": (("current", "Bx", "magnet", "component"), ends),
            "start": (("current", "Bx", "magnet", "component"), ends),
            "switched": (("current", "Bx", "magnet"), ends[..., 2]),
        },
        {"current": ("current", K, {"units": "A/m"}), "Bx": ("Bx", B, {"units": "T"}), "magnet": ["Co"]},
    )
    drawn = figures.switching_map(data)
    assert len(drawn.axes) == 1
    assert len(drawn.axes[0].lines[0].get_xdata()) == max(shape)
    assert " = " in drawn._suptitle.get_text()
