"""Strict numerics for every test, the profiles of the random tests, and the option that adds long studies."""

import gc
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# threads of several processes wait for one another, on matrices that one of them solves in a moment
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")

_approx = pytest.approx


def _relative_approx(expected: Any, rel: Any = None, abs: Any = None, nan_ok: bool = False) -> Any:
    """`pytest.approx` with an absolute tolerance of 1e-12 of what is expected, as SI numbers are smaller than that."""
    if abs is None:
        values = list(expected.values()) if isinstance(expected, Mapping) else expected
        try:
            size = float(np.nanmax(np.abs(np.asarray(values, dtype=complex)), initial=0.0))
        except (TypeError, ValueError):  # words are compared as they are
            return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)
        rel, abs = 1e-6 if rel is None else rel, 1e-12 * (min(size, 1.0) or 1.0)
    return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)


pytest.approx = _relative_approx

# a first call compiles, so there are no deadlines; the same examples every time, so that a failure is never luck;
# no shrinking, which takes minutes for films of 150 parameters
settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--studies", action="store_true", help="run the long truth and coverage studies, too")


def pytest_configure(config: pytest.Config) -> None:
    """Nearly all the time goes into compiling, so programs are optimised only with --studies, as they are for users."""
    if not config.getoption("--studies"):
        flags = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--studies"):
        return
    seen: Counter[tuple[Path, str]] = Counter()
    studies, others = [], []
    for item in items:
        marker = item.get_closest_marker("study")
        case = item.path, getattr(item, "originalname", item.name)
        seen[case] += 1
        left = marker and seen[case] > marker.kwargs.get("but_first", 0)
        (studies if left else others).append(item)
    if studies:
        config.hook.pytest_deselected(items=studies)
        items[:] = others


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


_MAPS = Path("/proc/self/maps")
#: memory maps of a process from which compiled programs are given back; Linux allows 65,530
_MOST_MAPS = 20_000


@pytest.fixture(autouse=True, scope="module")
def few_programs() -> Iterator[None]:
    """Every compiled program takes memory maps, and a process that runs out of them crashes inside the compiler."""
    yield
    if _MAPS.exists() and _MAPS.read_bytes().count(b"\n") > _MOST_MAPS:
        jax.clear_caches()
        gc.collect()
