"""Which theory a file chooses, for all requests or for one."""

from commands import written
from sample_texts import BOTH, SOLVER

import spinstack as ss
from spinstack.samples.sample_file import parse_document
from spinstack.study.film_reader import read_film_study

COMMON = ss.Boltzmann(rtol=1e-2, specularity=(0.0, 0.3))


def test_the_default_requests_take_the_solver_too():
    study = read_film_study(parse_document(BOTH + SOLVER))
    assert [request.solver for request in study.requests] == [COMMON, COMMON]


def test_one_word_at_the_top_chooses_for_all():
    text = 'solver = "boltzmann"\n' + BOTH + '[[scan]]\nsolver = "drift_diffusion"\n[[torque]]\n'
    study = read_film_study(parse_document(text))
    assert [request.solver for request in study.requests] == [None, ss.Boltzmann()]


def test_the_library_reads_such_a_file(here):
    assert len(ss.load_sample(written(BOTH + SOLVER))) == 3
