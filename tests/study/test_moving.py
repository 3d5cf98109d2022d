"""Sample files that ask what magnets do: every request, what it gives, what is refused before anything is computed."""

import numpy as np
import pytest
from sample_texts import BILAYER

import spinstack as ss
from spinstack.study import Run, read_film_study
from spinstack.study.moving_entries import moving_entries
from spinstack.text.document import SampleError, parse_document

MAGNET = """
[[magnet]]
name = "Py"
magnetization = "0.8e6 A/m"
damping = 0.05
effective_magnetization = "-0.3 T"
start = "z"
"""
REQUESTS = {
    "equilibrium": 'field = { start = "0.5 T", stop = "-0.5 T", points = 21 }\ndirection = [0.05, 0, 1]',
    "modes": 'field = { start = "0 T", stop = "0.3 T", points = 4 }',
    "critical_current": 'kind = "fold"\nfield = ["0.03 T", "0.06 T"]',
    "oscillation": 'current = ["100 A/m"]\nsettling = "1 ns"\nduration = "1 ns"\nB = ["0.1 T", 0, 0]',
    "trace": 'duration = "0.2 ns"\npulse = { plateau = "0.1 ns" }\ncurrent = ["1e3 A/m", "2e3 A/m"]',
    "switching_map": 'current = ["1e3 A/m", "1e4 A/m"]\nBx = ["10 mT", "20 mT", "30 mT"]\n'
    'pulse = { plateau = "0.1 ns" }\nrelax = "0.1 ns"',
    "spectrum": 'duration = "1 ns"\nsamples = 400\nalternating = { current = "1e3 A/m", frequency = "20 GHz" }',
    "harmonic_hall": 'field = ["10 mT", "20 mT"]\nangles = ["0 deg", "45 deg", "90 deg"]\ncurrent_rms = "100 A/m"',
    "loop_shift": 'current = ["-10 A/m", "10 A/m"]\nmost = "1 T"\nB = ["0.05 T", 0, 0]',
    "spin_torque_fmr": 'frequency = ["9 GHz"]\nfield = ["0.4 T", "0.5 T"]\nangle = ["40 deg"]\ncurrent = "10 A/m"',
}


def study(text):
    return read_film_study(parse_document(BILAYER + text, "s.toml"))


def errors(text):
    with pytest.raises(SampleError) as caught:
        study(text)
    return {error.words: str(error) for error in caught.value.errors}


def test_every_request_has_a_case():
    assert {*moving_entries()} == {*REQUESTS}


#: what compiles programs of its own: magnets in time, derivatives of the film
IN_TIME = {"oscillation", "trace", "spectrum", "switching_map", "critical_current"}


@pytest.mark.study
@pytest.mark.parametrize("in_time", [False, True])
def test_a_file_asks_what_python_asks(in_time):
    words = [word for word in REQUESTS if in_time or word not in IN_TIME]
    asked = study(MAGNET + "".join(f"\n[[{word}]]\n{REQUESTS[word]}\n" for word in words))
    run = Run(asked)
    found = {result.name: result.dataset for result in run}
    assert not run.failures
    magnet = ss.Macrospin("Py", magnetization=0.8e6, damping=0.05, effective_magnetization=-0.3)
    model = ss.MagneticModel(asked.film, [magnet], start="z")
    loop = found["equilibrium"]
    assert loop.sizes["point"] == 41
    assert float(loop["R_across"][0]) == pytest.approx(float(loop["R_across"][-1]))
    if in_time:
        here = ss.critical_current(model, "fold", B=(0.06, 0, 0))
        assert float(found["critical_current"]["critical_current"][1]) == pytest.approx(here.value, rel=1e-12)
        slope = found["critical_current"]["slope"].sel(parameter="Pt.spin_hall_angle")[1]
        assert float(slope) == pytest.approx(here.gradient()["Pt.spin_hall_angle"], rel=1e-9)
        assert found["trace"].sizes["amplitude"] == 2
        assert found["switching_map"]["switched"].shape == (2, 3, 1)
        assert found["trace"].attrs["observable"] == "trace"
        assert found["trace"]["heat"].dims[-1] == "element"
    shift = ss.loop_shift(model, 10.0, B=(0.05, 0, 0), most=1.0)["shift"]
    assert float(found["loop_shift"]["shift"][1]) == pytest.approx(float(shift), rel=1e-9)


def test_changes_of_a_request_change_the_film_that_moves():
    scan = '\n[[harmonic_hall]]\nfield = ["10 mT"]\nangles = ["0 deg", "90 deg"]\ncurrent_rms = "100 A/m"\n'
    run = Run(study(MAGNET + scan + scan + 'set = { "Pt.spin_hall_angle" = 0.1 }\n'))
    one, two = (np.abs(result.dataset["second_harmonic"].values).max() for result in run)
    assert two > 1.5 * one


def test_what_is_wrong_is_told_at_once_with_its_line():
    bad = MAGNET.replace("0.05", "-0.05").replace('"z"', '"up"').replace("effective", "efective")
    found = errors(bad + '\n[[trace]]\nduration = "1 nm"\npulse = { plato = "1 ns" }\n[[modes]]\nfild = 1\n')
    assert {"magnet[0].damping", "magnet[0].start", "magnet[0].efective_magnetization", "trace[0].duration",
            "trace[0].pulse.plato", "modes[0].fild"} <= {*found}  # fmt: skip
    assert "Did you mean 'effective_magnetization'" in found["magnet[0].efective_magnetization"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n[[modes]]\n", "no [[magnet]] says what moves"),
        (MAGNET.replace('"Py"', '"Co"') + "\n[[modes]]\n", "Py neither moves nor is held"),
        (MAGNET.replace("effective_magnetization = ", "# ") + "\n[[modes]]\n", "nothing else says"),
        (MAGNET.replace("damping = 0.05", "") + "\n[[modes]]\n", "damping"),
        (MAGNET + '\n[[trace]]\nduration = "1 ns"\nT = "300 K"\n', "volume"),
        ('\n[[magnet]]\nname = "Py"\nheld = "x"\n', "no magnet moves"),
        (MAGNET + '\n[[magnet]]\nname = "Py"\nheld = "x"\n', "another [[magnet]] tells"),
        (MAGNET + '\n[[exchange]]\nfirst = "Py"\nsecond = "Co"\n', "no magnet of the film"),
        (MAGNET + "\n[motion]\ndegre = 4\n", "degre"),
        (MAGNET + '\n[[magnet]]\nname = "Co"\nheld = "x"\ndamping = 1\n', "beside held"),
        (MAGNET + '\n[solver]\nkind = "boltzmann"\n\n[[modes]]\n', "Boltzmann"),
    ],
)
def test_magnets_that_make_no_sense(text, words):
    assert words in " ".join(errors(text).values())


@pytest.mark.study
def test_scans_of_a_file_follow_the_field_with_hysteresis():
    text = (
        MAGNET
        + """
[[field_scan]]
field = { start = "0.6 T", stop = "-0.6 T", points = 25 }
direction = "z"
m = "follow"

[[scan]]
plane = "alpha"
angles = ["0 deg", "45 deg", "90 deg"]
field = "1 T"
turns = "field"
m = "follow"
"""
    )
    asked = study(text)
    found = {result.name: result.dataset for result in Run(asked)}
    magnet = ss.Macrospin("Py", magnetization=0.8e6, damping=0.05, effective_magnetization=-0.3)
    model = ss.MagneticModel(asked.film, [magnet], start="z")
    loop = ss.field_scan(asked.film, np.linspace(0.6, -0.6, 25), "z", m=model)
    np.testing.assert_array_equal(found["field_scan"]["R_xx"], loop["R_xx"])
    scan = ss.angular_scan(asked.film, "alpha", [0.0, 45.0, 90.0], 1.0, "field", m=model)
    np.testing.assert_array_equal(found["angular_scan"]["R_xx"].sel(plane="alpha"), scan["R_xx"])
    assert "hysteresis" in found["angular_scan"].attrs["magnets"]
    keys = {request.name: request.key for request in asked.requests}
    assert keys == {request.name: request.key for request in study(text).requests}
    assert keys["field_scan"] != study(text.replace("0.3 T", "0.4 T")).requests[1].key
    assert "no [[magnet]]" in errors(text.replace(MAGNET, ""))["field_scan[0]"]


def test_a_neel_vector_of_a_file_flops():
    text = """\
spinstack = 1
[[film]]
kind = "magnetic_insulator"
name = "NiO"
mixing_conductance = "1e14 S/m^2"
[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
conductivity = "3e6 S/m"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.1
[[magnet]]
name = "NiO"
spin_flop_field = "2 T"
easy_axis = "x"
hard_field = "5 T"
hard_axis = "z"
[[field_scan]]
field = { start = "0.5 T", stop = "3.5 T", points = 7 }
direction = "x"
m = "follow"
"""
    (found,) = Run(read_film_study(parse_document(text, "s.toml")))
    R = found.dataset["R_xx"].values
    assert np.ptp(R[:3]) < 1e-6 * (R[0] - R[-1])
    assert np.ptp(R[4:]) < 1e-6 * (R[0] - R[-1])
    assert R[0] > R[-1]


@pytest.mark.study
def test_a_map_that_was_stopped_goes_on_where_it_was(tmp_path, monkeypatch):
    """Lanes that are finished are kept; the same study again computes the others alone."""
    from spinstack.magnets import switching
    from spinstack.study.folder import Folder
    from spinstack.study.run import Cancelled

    monkeypatch.setattr(switching, "LANES", 8)
    text = MAGNET + "\n[[switching_map]]\n" + REQUESTS["switching_map"].replace(
        'current = ["1e3 A/m", "1e4 A/m"]', 'current = { start = "-1e4 A/m", stop = "1e4 A/m", points = 11 }'
    )  # fmt: skip
    whole = next(iter(Run(study(text)))).dataset
    computed, path = [], switching.path

    def counted(*given, **named):
        computed.append(named["block"])
        if len(computed) == 3:
            raise Cancelled
        return path(*given, **named)

    monkeypatch.setattr(switching, "path", counted)
    assert list(Run(study(text), Folder(tmp_path / "out"))) == []
    (found,) = Run(study(text), Folder(tmp_path / "out"))
    assert computed == [0, 8, 16, 16, 24, 32]
    np.testing.assert_array_equal(found.dataset["m"], whole["m"])
