"""What this package does to JAX: 64 bits, and nothing that anybody else's code would notice."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import jax
import numpy as np
import pytest
from plain_films import alone, metal

import spinstack as ss
from spinstack.text.errors import SpinstackError

FILM = alone(metal())
SCRIPT = """
    import jax
    import spinstack as ss
    film = ss.Film((ss.Metal("Pt", thickness=3e-9, conductivity=4e6, spin_diffusion_length=2e-9, spin_hall_angle=0.1),))
    before = dict(jax.config.values)
    R = ss.sheet_resistance(film)[0, 0]
"""


def run(script, tmp_path, **environment):
    """The output of a script in a process of its own, whose cache folder is `tmp_path`."""
    home = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    without = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")}
    path = [str(Path(ss.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    off = {"SPINSTACK_KERNEL": "off"}  # what the native kernel solves, JAX does not see
    env = without | home | off | {"PYTHONPATH": os.pathsep.join(path)} | environment
    code = textwrap.dedent(SCRIPT) + textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kept(folder):
    """What is in a cache folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.study
def test_only_the_64_bit_switch_is_set_and_only_own_programs_are_kept(tmp_path):
    script = """
        changed = {k: v for k, v in jax.config.values.items() if before[k] != v}
        print(sorted(changed))

        def theirs(x):
            for i in range(60):
                x = jax.numpy.linalg.inv(x @ x.T + i)
            return x

        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.jit(theirs)(jax.numpy.eye(3))
        ss.sheet_resistance(film, B=(0, 0, 1.0))
    """
    assert run(script, tmp_path) == "['jax_enable_x64']\n"
    names = kept(tmp_path / "spinstack")
    assert any(name.startswith("jit__run") for name in names)
    assert not [name for name in names if "theirs" in name]


@pytest.mark.study
def test_a_cache_that_somebody_has_set_is_used_as_it_is(tmp_path):
    theirs = tmp_path / "theirs"
    run("", tmp_path, JAX_COMPILATION_CACHE_DIR=str(theirs), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="0.01")
    assert kept(theirs)
    assert not (tmp_path / "spinstack").exists()


BY = {
    "a value": lambda: ss.sheet_resistance(FILM),
    "a gradient": lambda: ss.gradient(FILM, ss.sheet_resistance),
    "a trace": lambda: jax.jit(lambda t: ss.sheet_resistance(FILM.replace({"Pt.thickness": t})))(3e-9),
    "a barrier": lambda: ss.DeltaBarrier(barrier=0.4, fermi_wavevector=1e10).conductance((0, 0, 1)),
    "a magnet": lambda: ss.WeissMagnet(
        spin=2, curie_temperature=100, surface_density=3e18, exchange_coupling=1e-48, density_of_states=4e46
    ).order(1.0, 20.0),
}


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("call", BY.values(), ids=BY)
def test_32_bits_are_refused_whenever_somebody_switches_to_them(call, monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", "off")
    call()
    with jax.enable_x64(False), pytest.raises(SpinstackError) as caught:
        call()
    assert caught.value.field == "jax_enable_x64"
    assert "jax.config.update" in caught.value.remedy
    call()


def test_a_model_that_is_compiled_refuses_32_bits():
    model = ss.compile(FILM, ["Pt.thickness"])
    wanted = model([[3e-9]])
    with jax.enable_x64(False), pytest.raises(SpinstackError, match="jax_enable_x64"):
        model([[3e-9]])
    np.testing.assert_array_equal(model([[3e-9]]), wanted)


@pytest.mark.study
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_after_a_fork_there_is_an_error_and_no_hang(tmp_path):
    script = """
        import os, warnings
        warnings.simplefilter("ignore")
        for call in (lambda: ss.sheet_resistance(film), lambda: ss.gradient(film, ss.sheet_resistance),
                     lambda: ss.DeltaBarrier(barrier=0.4, fermi_wavevector=1e10).conductance((0, 0, 1))):
            child = os.fork()
            if child == 0:
                try:
                    call()
                except ss.SpinstackError as error:
                    print(error, flush=True)
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
    """
    said = run(script, tmp_path).splitlines()
    assert len(said) == 3
    assert all("forked" in line and "spawn" in line for line in said)


@pytest.mark.study
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_process_that_was_forked_before_anything_was_computed_computes(tmp_path):
    script = """
        import os
        child = os.fork()
        R = ss.sheet_resistance(film)[0, 0]
        os.write(1, f"{R:.12g}\\n".encode())  # in one piece
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    """
    once = SCRIPT.replace("    R = ss.sheet_resistance(film)[0, 0]\n", "    import spinstack.circuit\n")
    env = os.environ | {"PYTHONPATH": str(Path(ss.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(once) + textwrap.dedent(script)],
        env=env, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == [f"{ss.sheet_resistance(FILM)[0, 0]:.12g}"] * 2, done.stderr
