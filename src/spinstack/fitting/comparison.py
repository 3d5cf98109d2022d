"""What a comparison of mechanisms says: a table, and in words which observation excludes what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.facts.layers import below_scattering
from spinstack.fitting.evidence import Evidence
from spinstack.fitting.masks import Mechanism, problems_of
from spinstack.fitting.outcome import UNLIKELY
from spinstack.fitting.problem import Problem
from spinstack.fitting.standard import Standard
from spinstack.text.version import __version__

#: ln Z below the best from which a mechanism is out whatever its error
HOPELESS = 8.0
#: deviations from which one datum is said to exclude a mechanism; of a value that is said to be none
OUT, NOTHING = 4.0, 2.0
#: probability below which a mechanism that fits is said to be unlikely
RARE = 0.01
#: part of what a prior predicts beyond the error that has one sign, where that is predicted; of draws beyond it at all
_SURE, _SEEN = 0.95, 0.05
#: part of the largest deviation from which an amplitude is named rather than a resistance, and nothing rather than much
_NEARLY = 0.6
_PLANES = ("alpha", "beta", "gamma")


class Outcome(NamedTuple):
    """One mechanism: its problem and target, held values, evidence, best coordinates, chi-square, degrees of freedom,
    probability of a larger chi-square, and what its prior predicts (draws, points)."""

    name: str
    problem: Problem
    target: Standard
    held: Mapping[str, float]
    evidence: Evidence
    u: np.ndarray
    square: float
    freedom: int
    goodness: float
    predicted: np.ndarray


#: dimensions of what is kept of an outcome; all else are single values
_DIMS = {
    "points": ("draw", "coordinate"),
    "weights": ("draw",),
    "u": ("coordinate",),
    "predicted": ("prior_draw", "point"),
}


def kept_evidence(evidence: Evidence) -> dict[str, np.ndarray]:
    """Evidence as arrays."""
    return {name: np.asarray(value) for name, value in vars(evidence).items()}


def evidence_of(kept: Mapping[str, np.ndarray]) -> Evidence:
    """What :func:`kept_evidence` kept."""
    found: dict[str, Any] = {f.name: kept[f.name] for f in fields(Evidence)}
    return Evidence(**{n: v if n in _DIMS else v.item() for n, v in found.items()})


def kept_outcome(outcome: Outcome) -> dict[str, np.ndarray]:
    """What was computed of a mechanism, as arrays."""
    own = {n: np.asarray(getattr(outcome, n)) for n in ("u", "square", "freedom", "goodness", "predicted")}
    return own | kept_evidence(outcome.evidence)


def outcome_of(kept: Mapping[str, np.ndarray], name: str, target: Standard, held: Mapping[str, float]) -> Outcome:
    """What :func:`kept_outcome` kept."""
    square, freedom, goodness = (kept[n].item() for n in ("square", "freedom", "goodness"))
    evidence, u = evidence_of(kept), kept["u"]
    return Outcome(name, target.problem, target, dict(held), evidence, u, square, freedom, goodness, kept["predicted"])


class Comparison(xr.Dataset):
    """The table of :func:`compare_mechanisms`, with what a plan of the next measurement needs.

    What xarray makes of it, and what is read from disk, is the table alone.
    """

    __slots__ = ("mechanisms", "outcomes", "problem")

    problem: Problem
    mechanisms: tuple[Mechanism, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def tree(self) -> xr.DataTree:
        """The table, with a group for every mechanism: what :meth:`of_tree` makes a comparison of again."""
        groups = {
            _group(one.name): xr.Dataset({n: (_DIMS.get(n, ()), v) for n, v in kept_outcome(one).items()})
            for one in self.outcomes
        }
        table = xr.Dataset(self.data_vars, self.coords, self.attrs)
        return xr.DataTree(table, children={name: xr.DataTree(data) for name, data in groups.items()})

    @classmethod
    def of_tree(cls, tree: xr.DataTree, problem: Problem, mechanisms: Sequence[Mechanism]) -> Comparison:
        """The comparison of these mechanisms of which :attr:`tree` was stored."""
        table = tree.to_dataset()
        out = cls(table.data_vars, table.coords, table.attrs)
        groups = (tree.children[_group(m.name)].to_dataset() for m in mechanisms)
        parts = zip(mechanisms, *problems_of(problem, mechanisms), groups, strict=True)
        out.problem, out.mechanisms = problem, tuple(mechanisms)
        out.outcomes = tuple(
            outcome_of({str(n): v.values for n, v in data.variables.items()}, m.name, Standard(one), held)
            for m, one, held, data in parts
        )
        return out

    @property
    def none_fits(self) -> bool:
        """Whether no mechanism describes the data, however probable the best is among them."""
        return bool(self.attrs["none_fits"])


def _group(mechanism: str) -> str:
    """Its name as that of a group, where a slash would begin another one."""
    return mechanism.replace("/", "\N{DIVISION SLASH}")


def told(problem: Problem, mechanisms: Sequence[Mechanism], outcomes: Sequence[Outcome]) -> Comparison:
    """The table of the outcomes of all mechanisms."""
    measured = np.concatenate([one.measured for one in problem.data])
    error = np.concatenate([np.sqrt(np.diag(one.covariance)) for one in problem.data])
    sizes = [one.measured.size for one in problem.data]
    probability = probabilities(outcomes)
    best = np.array([o.problem.computed(o.u[None])[0] for o in outcomes])
    out = np.array([_out(o, measured) for o in outcomes])
    with np.errstate(invalid="ignore"):
        low, middle, high = (
            np.array([np.nanquantile(o.predicted, q, axis=0) for o in outcomes]) for q in (0.16, 0.5, 0.84)
        )
    fits = np.array([not o.goodness < UNLIKELY for o in outcomes])
    reliable = [o.evidence.method != "refused" for o in outcomes]
    values: dict[str, Any] = {
        "probability": ("mechanism", probability, {"long_name": "probability among the mechanisms"}),
        "log_evidence": (
            "mechanism", [o.evidence.log if ok else np.nan for o, ok in zip(outcomes, reliable, strict=True)],
            {"long_name": "ln of the evidence"},
        ),
        "log_evidence_error": (
            "mechanism", [o.evidence.error if ok else np.nan for o, ok in zip(outcomes, reliable, strict=True)],
        ),
        "effective_samples": ("mechanism", [o.evidence.effective for o in outcomes]),
        "method": ("mechanism", [o.evidence.method for o in outcomes]),
        "why": ("mechanism", [o.evidence.why for o in outcomes]),
        "chi2": ("mechanism", [o.square for o in outcomes], {"long_name": "least chi-square, priors included"}),
        "goodness": ("mechanism", [o.goodness for o in outcomes], {"long_name": "probability of a larger chi-square"}),
        "degrees_of_freedom": ("mechanism", [o.freedom for o in outcomes]),
        "fits": ("mechanism", fits),
        "held": ("mechanism", [", ".join(f"{p} = {v:g}" for p, v in o.held.items()) for o in outcomes]),
        "best": (("mechanism", "point"), best, {"long_name": "value of the best fit"}),
        "out": (("mechanism", "point"), out, {"long_name": "deviations from what all other data make it predict"}),
        "sign": (("mechanism", "point"), np.array([_signs(o.predicted, error) for o in outcomes])),
        "prior_low": (("mechanism", "point"), low),
        "prior_middle": (("mechanism", "point"), middle),
        "prior_high": (("mechanism", "point"), high),
        "measured": ("point", measured),
        "error": ("point", error),
        "of": ("point", np.repeat([one.label for one in problem.data], sizes)),
        "sample": ("point", np.repeat([one.sample for one in problem.data], sizes)),
        "quantity": ("point", [name for i in range(len(problem.data)) for name in _quantities(problem, i)]),
        "plane": ("point", [plane for i in range(len(problem.data)) for plane in _planes(problem, i)]),
        "unit": ("point", [o.unit for i in range(len(problem.data)) for o in problem.outputs(i)]),
    }  # fmt: skip
    made = Comparison(values, {"mechanism": [o.name for o in outcomes]})
    made.attrs = {
        "none_fits": int(not fits.any()),
        "spinstack_version": __version__,
    }
    made.attrs["words"] = "\n".join([*_words(made), *_beyond_theory(outcomes)])
    made.problem, made.mechanisms, made.outcomes = problem, tuple(mechanisms), tuple(outcomes)
    return made


def probabilities(outcomes: Sequence[Outcome]) -> np.ndarray:
    """Of mechanisms that are as likely as each other beforehand (mechanisms,).

    One whose evidence is not known is out where even its rough estimate is far below the best; else none is known.
    """
    logs = np.array([o.evidence.log for o in outcomes])
    known = np.array([o.evidence.method != "refused" for o in outcomes])
    if not known.any():
        return np.full(len(logs), np.nan)
    best = logs[known].max()
    if np.any(~known & (logs > best - HOPELESS)):
        return np.full(len(logs), np.nan)
    share = np.where(known, np.exp(logs - best), 0.0)
    return np.asarray(share / share.sum())


def _out(outcome: Outcome, measured: np.ndarray) -> np.ndarray:
    """By how many deviations each datum is off what all others make the mechanism predict (points,), to first order.

    Its square is by how much chi-square falls without the datum.
    """
    problem = outcome.problem
    R, J = problem.residuals(outcome.u)
    n = problem.points
    H = J[:n] @ np.linalg.pinv(J.T @ J, hermitian=True) @ J[:n].T
    W = np.zeros((n, n))
    for one, at in zip(problem.data, problem.rows, strict=True):
        W[at, at] = one.whitening
    left = np.diag(W.T @ (np.eye(n) - H) @ W)
    own = np.diag(W.T @ W)
    # a datum that fits itself says nothing
    seen = left > 1e-9 * own
    return np.where(seen, (W.T @ R[:n]) / np.sqrt(np.where(seen, left, 1.0)), 0.0)


def _signs(predicted: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Of what draws of a prior predict (draws, points): 0 where both occur, or hardly any is beyond the error."""
    seen = np.abs(predicted) > error
    part = np.sum(seen & (predicted > 0), axis=0) / np.maximum(seen.sum(axis=0), 1)
    signs = np.where(part >= _SURE, 1, np.where(part <= 1 - _SURE, -1, 0))
    return np.where(seen.mean(axis=0) < _SEEN, 0, signs)


def _quantities(problem: Problem, index: int) -> list[str]:
    """What each of the values of one set of data is, in words."""
    data = problem.data[index]
    current = "" if data.arguments.get("current", "x") == "x" else ", current along y"
    names = []
    for output in problem.outputs(index):
        if output.variable.startswith("MR") or output.variable == "magnetoresistance":
            plane = _plane(problem, index, output)
            angle = output.at.get("angle", 90.0)
            at = "" if angle == 90.0 else f" at {angle:g} deg"
            names.append(f"{plane} amplitude{at}{current}".strip() if plane else f"{output.variable}{current}")
        else:
            where = ", ".join(str(v) for v in output.at.values())
            names.append(f"{output.variable.replace('_', ' ')}{f' ({where})' if where else ''}{current}")
    return names


def _planes(problem: Problem, index: int) -> list[str]:
    return [_plane(problem, index, output) for output in problem.outputs(index)]


def _plane(problem: Problem, index: int, output: Any) -> str:
    """The plane in which m turned; nothing where it did not."""
    plane = output.at.get("plane", problem.data[index].arguments.get("plane", ""))
    return str(plane) if isinstance(plane, str) and plane in _PLANES else ""


def _words(found: xr.Dataset) -> list[str]:
    """What the table says, a sentence for each mechanism."""
    lines = []
    names = [str(n) for n in found["mechanism"].values]
    probability = found["probability"].values
    if not found["fits"].any():
        lines.append("None of these mechanisms describes the data.")
    elif np.isfinite(probability).all():
        k = int(np.argmax(probability))
        lines.append(
            f"{names[k]} is the most probable of these ({100 * probability[k]:.0f} %"
            + (")." if found["fits"].values[k] else "), but does not describe the data.")
        )
    else:
        lines.append("Probabilities are not known: no sampler was reliable for all that could matter.")
    for k, name in enumerate(names):
        one = found.isel(mechanism=k)
        if str(one["method"].values) == "refused":
            matters = "" if probability[k] == 0 else ", and could matter"
            lines.append(f"{name}: its evidence is not known{matters}: {one['why'].values}.")
        if not one["fits"]:
            lines.append(_excluded(name, one))
        elif np.isfinite(probability[k]) and probability[k] < RARE:
            lines.append(
                f"{name} describes the data (p = {float(one['goodness']):.2g}), but {_times(probability, k)} less "
                "probable than the best: of all that it could have done, this is little."
            )
    return lines


def _beyond_theory(outcomes: Sequence[Outcome]) -> list[str]:
    """About best films with interfaces that scattering theory does not have."""
    lines = []
    for o in outcomes:
        said = dict.fromkeys(text for film in o.problem.films(o.u).values() for text in below_scattering(film))
        if said:
            lines.append(f"{o.name}: no interface is like that of its best film. {' '.join(said)}")
    return lines


def _times(probability: np.ndarray, k: int) -> str:
    ratio = probability.max() / max(probability[k], 1e-300)
    return f"{ratio:.0f} times" if ratio < 1e4 else "ten thousand times or more"


def _excluded(name: str, one: xr.Dataset) -> str:
    """Which observation excludes a mechanism that does not fit."""
    out = np.abs(one["out"].values)
    if out.max() < OUT:
        return (
            f"{name} is out by all data together (chi-square {float(one['chi2']):.0f} of "
            f"{int(one['degrees_of_freedom'])}), by none alone."
        )
    # of several that are far out, one that everybody understands: no amplitude, an amplitude, anything
    nothing = np.abs(one["measured"].values) < NOTHING * one["error"].values
    clear = np.where(one["plane"].values != "", 1 + nothing, 0)
    far = np.flatnonzero(out > _NEARLY * out.max())
    j = int(far[np.lexsort((-out[far], -clear[far]))[0]])
    point = one.isel(point=j)
    quantity, sample, value, error = (point[n].item() for n in ("quantity", "sample", "measured", "error"))
    unit = "" if point["unit"].item() in ("", "1") else f" {point['unit'].item()}"
    best = float(point["best"])
    if nothing[j]:
        said = f"{sample} has no {quantity}"
    else:
        said = f"{sample} has {_article(quantity)} {quantity} of {value:.3g}{unit}"
    told = f"{best:.2g}{unit}" if abs(best) >= 0.1 * error else "none"
    return f"{said}: {name} is out by {out[j]:.0f} sigma (its best is {told})."


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"
