"""Compiled programs are kept up to a number, and what is not kept gives its memory back."""

import gc
import weakref

import pytest

import spinstack as ss
from spinstack.circuit import general, kernel
from spinstack.observables import programs

PT = ss.Metal("Pt", thickness=1e-9, conductivity=4e6, spin_diffusion_length=2e-9, spin_hall_angle=0.1)


@pytest.mark.study
def test_programs_that_were_not_used_for_long_are_given_back(monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", "off")
    monkeypatch.setattr(general, "FEW", 0)
    kept = kernel.lru_cache(2)(kernel._compiled.__wrapped__)
    monkeypatch.setattr(kernel, "_compiled", kept)
    made = []

    def compiled(*parts):
        run = kept(*parts)
        made.append(weakref.ref(run))
        return run

    monkeypatch.setattr(kernel, "_compiled", compiled)
    R = [ss.sheet_resistance(ss.Film((PT,) * n))[0, 0] for n in (1, 2, 3, 4)]
    assert pytest.approx([R[0] / n for n in (1, 2, 3, 4)], rel=1e-2) == R
    gc.collect()
    assert [one() is not None for one in made] == [False, False, True, True]


def test_structures_of_models_are_kept_up_to_a_number(monkeypatch):
    monkeypatch.setattr(programs, "_structures", programs.OrderedDict())
    monkeypatch.setattr(programs, "STRUCTURES", 2)
    models = [ss.compile(ss.Film((PT,) * n), free=["Pt[0].thickness"]) for n in (1, 2, 3)]
    assert len(programs._structures) == 2
    assert models[0]([1e-9]).shape == (4,)  # a model keeps its own
    again = ss.compile(ss.Film((PT,) * 3), free=["Pt[0].thickness"])
    assert again._source.structure is models[2]._source.structure
