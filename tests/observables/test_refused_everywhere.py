"""What a single call of an observable refuses, a sweep, a gradient and a model of it refuse, too, in the same words."""

from functools import partial

import numpy as np
import pytest
from observed import arguments, films
from plain_films import alone, metal

import spinstack as ss
from spinstack.observables.registry import observables


def _replaced(film, **changes):
    """The film with parameters changed in every layer that has them."""
    elements = (e.replace(**{n: v for n, v in changes.items() if n in e.specifications()}) for e in film.elements)
    return ss.Film(tuple(elements))


BARE = alone(metal("N"))
#: a film, and what is left out of the arguments that an observable has for it
SPOILED = {
    "nothing turns": (BARE, {"field": 0.0, "m": None}),
    "no temperature": (films()["model"], {"T": None}),
    "no direction": (films()["magnet"], {"m": None}),
    "an unknown magnet": (films()["magnet"], {"m": {"Fe": "x"}}),
    "an unknown part": (films()["numbers"], {"layer": "Cu", "insulator": "YIG"}),
    "lossless": (_replaced(BARE, spin_diffusion_length=np.inf), {"field": 0.5, "m": None}),
    "nothing conducts": (ss.Film((ss.Vacuum(), ss.Vacuum())), {}),
    "dropped": (_replaced(BARE, mean_free_path=1e-9), {"field": 0.5, "m": None}),
}


def calls(film, spoiled):
    """The observables that refuse the spoiled arguments, with what they say."""
    for name, found in observables().items():
        try:
            given = arguments(found, film)
        except (ss.ParameterError, NotImplementedError):
            given = {}
        given |= {n: v for n, v in spoiled.items() if n in found.arguments}
        try:
            found.function(film, **given)
        except ss.ParameterError as error:
            yield name, partial(found.function, **given), error
        except TypeError:
            continue  # an argument that this film has no example of


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("kind", SPOILED)
def test_what_a_call_refuses_is_refused_by_everything_that_is_made_of_it(kind):
    film, spoiled = SPOILED[kind]
    refused = list(calls(film, spoiled))
    assert refused
    for name, one, error in refused:
        path = next((p for p in film.parameters() if p.endswith("thickness") and "dropped" not in kind), None)
        others = {"gradient": lambda one=one: ss.gradient(film, one)}
        if path is not None:
            others["sweep"] = lambda one=one, path=path: ss.sweep(film, {path: [1e-9, 2e-9]}, one)
            others["compile"] = lambda one=one, path=path: ss.compile(film, [path], one)
        for word, other in others.items():
            with pytest.raises(ss.ParameterError) as caught:
                other()
            assert str(error) in str(caught.value), (name, word)


def test_one_film_of_many_that_is_refused_alone_is_refused_among_them():
    lengths = np.array([1e-9, np.inf])
    with pytest.raises(ss.ParameterError, match="undetermined"):
        ss.sheet_resistance(_replaced(BARE, spin_diffusion_length=lengths))
    with pytest.raises(ss.ParameterError, match="undetermined"):
        ss.sweep(BARE, {"N.spin_diffusion_length": lengths}, ss.sheet_resistance)
    model = ss.compile(BARE, ["N.spin_diffusion_length"])
    assert np.isfinite(model([[1e-9]])).all()
    with pytest.raises(ss.ParameterError, match="undetermined"):
        model(lengths[:, None])
    two = BARE | metal("M")  # lossless layers beside one that is not are right
    both = two.replace({"N.spin_diffusion_length": lengths, "M.spin_diffusion_length": lengths[::-1]})
    assert np.isfinite(ss.sheet_resistance(both)).all()
