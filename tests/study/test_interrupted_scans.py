"""A scan that is interrupted goes on where it stopped, and ends as an undisturbed one."""

import re
from importlib import import_module

import numpy as np
import pytest
from sample_texts import BILAYER, BOTH

from spinstack.circuit import kernel
from spinstack.study import Run, read_film_study
from spinstack.study.folder import Folder
from spinstack.text.document import parse_document

SCAN = '[[scan]]\nplane = "beta"\nangles = { start = "0 deg", stop = "90 deg", points = %d }\n'
#: without a barrier between them
TOUCHING = re.sub(r"(?s)\[\[film\]\]\nkind = \"interface\".*?\n\n", "", BOTH)
TEXTS = {
    "boltzmann": TOUCHING + SCAN % 41 + 'solver = { kind = "boltzmann", rtol = 0.2 }\n',
    "drift_diffusion": BILAYER + SCAN % 2001,
}


@pytest.fixture
def solved(monkeypatch):
    """How many points have been solved, in blocks that are small."""
    count = []
    boltzmann = import_module("spinstack.boltzmann.solve")
    respond, pack = boltzmann.respond, kernel._pack
    monkeypatch.setattr(boltzmann, "respond", lambda *given: count.append(1) or respond(*given))
    monkeypatch.setattr(kernel, "_pack", lambda *given: count.extend([1] * (given[2] - given[1])) or pack(*given))
    by_library = kernel._by_library

    def counted(*given):
        solve = by_library(*given)
        return lambda start, stop: count.extend([1] * (stop - start)) or solve(start, stop)

    monkeypatch.setattr(kernel, "_by_library", counted)
    monkeypatch.setattr(kernel, "BLOCKS", 1)
    monkeypatch.setattr(boltzmann, "BLOCK", 4)
    return count


def run(text, folder, cancel=lambda: False):
    study = Run(read_film_study(parse_document(text)), Folder(folder), cancel=cancel)
    return [result.dataset for result in study], study


@pytest.mark.study
@pytest.mark.parametrize("theory", TEXTS)
def test_it_goes_on_where_it_stopped(tmp_path, solved, theory):
    (whole,), _ = run(TEXTS[theory], tmp_path / "whole")
    total = len(solved)
    solved.clear()
    none, stopped = run(TEXTS[theory], tmp_path / "parts", lambda: len(solved) > 0.6 * total)
    assert none == []
    assert stopped.interrupted == "angular_scan"
    kept = sorted((tmp_path / "parts").glob("*.parts/*.part"))
    assert kept
    kept[-1].write_bytes(kept[-1].read_bytes()[:-9])  # what is damaged is computed again
    solved.clear()
    (again,), _ = run(TEXTS[theory], tmp_path / "parts")
    assert len(solved) < 0.8 * total
    for name in whole.data_vars:
        np.testing.assert_array_equal(again[name], whole[name])
    assert [file.name for file in (tmp_path / "parts").iterdir()] == ["angular_scan.nc"]
    solved.clear()
    run(TEXTS[theory], tmp_path / "parts")  # what is finished is read
    assert solved == []


def test_what_another_scan_has_kept_is_none_of_it(tmp_path, solved):
    run(TEXTS["boltzmann"], tmp_path, lambda: len(solved) > 30)
    solved.clear()
    (other,), _ = run(TEXTS["boltzmann"].replace('"4e6 S/m"', '"5e6 S/m"'), tmp_path)
    (fresh,), _ = run(TEXTS["boltzmann"].replace('"4e6 S/m"', '"5e6 S/m"'), tmp_path / "fresh")
    np.testing.assert_array_equal(other.R_xx, fresh.R_xx)
    assert not list(tmp_path.glob("*.parts"))
