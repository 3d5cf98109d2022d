"""What a fit says, in words: whether it describes its data, what it determines, what to be careful about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.fitting.outcome import UNLIKELY
from spinstack.report.numbers import between, number, with_error
from spinstack.study.fit import FIT, MECHANISMS, POSTERIOR, PROFILES, FitStudy, fits

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.run import Run

#: units that people use, and how many of them are one of SI
_UNITS = {"m": (1e9, "nm"), "ohm m": (1e8, "µΩ cm"), "J m^3": (6.241509074e45, "eV nm^3")}
#: probability of as few changes of sign that is worth a word
_NOTABLE = 0.01


def value(x: float, error: float, unit: str) -> str:
    """A value with its error in a unit that people use."""
    factor, text = _UNITS.get(unit, (1.0, unit))
    if not error < np.inf:
        return number(x * factor, text)
    return with_error(x * factor, error * factor, text)


def interval(low: float, high: float, unit: str) -> str:
    """An interval, open where an end is infinite."""
    factor, text = _UNITS.get(unit, (1.0, unit))
    if np.isfinite(low) and np.isfinite(high):
        return between(low * factor, high * factor, text)
    if np.isfinite(low):
        return f"above {number(low * factor, text)}"
    return f"below {number(high * factor, text)}" if np.isfinite(high) else "anything"


def prior_words(prior: Any, unit: str) -> str:
    """What was known before, in words."""
    match type(prior).__name__:
        case "Normal":
            return value(prior.mean, prior.deviation, unit)
        case "LogNormal":
            return f"{value(prior.median, np.nan, unit)}, within a factor {prior.factor:.3g}"
        case "Uniform":
            return f"{interval(prior.low, prior.high, unit)}, all alike"
        case "LogUniform":
            return f"{interval(prior.low, prior.high, unit)}, all powers of ten alike"
    return str(prior)


def goodness(found: xr.Dataset) -> str:
    """How well a fit describes its data, in a sentence."""
    square, freedom, p = (found.attrs[n] for n in ("chi_square", "degrees_of_freedom", "p_value"))
    told = f"chi-square is {square:.4g} of {freedom} degrees of freedom"
    if fits(found) is None:
        why = "with as many numbers to find as are known, any data can be described, so this says nothing"
        return f"{told.capitalize()}: {why}."
    if p < UNLIKELY:
        return (
            f"The model does not fit: {told}, which chance alone exceeds with a probability of {_probability(p)}. "
            "Either the errors of the data are larger than stated, or the film is another: its numbers and their "
            "errors mean nothing until that is found."
        )
    if p > 1 - UNLIKELY:
        chance = f"less than chance allows (probability {_probability(1 - p)})"
        return f"The model fits too well: {told}, {chance}. Are the errors stated too large?"
    return f"The model fits: {told}, which chance exceeds in {_share(p)} % of cases."


def _share(p: float) -> str:
    return f"{100 * p:.0f}" if p >= 0.1 else f"{100 * p:.1g}"


def _probability(p: float) -> str:
    return f"{p:.1g}" if p > 1e-300 else "less than 1e-300"


def conclusion(found: xr.Dataset) -> list[str]:
    """The sentences that people should read, whatever else they do."""
    told = combinations(found)
    known = [c["words"] for c in told if np.isfinite(c["error"]) and not c["words"].endswith("not determined")]
    lost = [c["words"] for c in told if c["words"].endswith("not determined")]
    return [goodness(found), *(f"{w}." for w in known), *(f"{w}." for w in lost)]


def combinations(found: xr.Dataset) -> list[dict[str, Any]]:
    """The products of powers of the parameters, the best known first."""
    return list(json.loads(found.attrs["determined"]))


def warnings(run: Run) -> list[str]:
    """What should not be passed over."""
    study: FitStudy = run.study  # type: ignore[assignment]
    found = run.of_kind("")[FIT]
    out: list[str] = []
    compared = run.of_kind("").get(MECHANISMS)
    if compared is not None and compared.sizes["mechanism"] > 1 and bool(compared.attrs["none_fits"]):
        out.append("no mechanism describes the data, however probable the best is among them")
    if found.attrs["agreeing"] < 2 <= found.attrs["starts"]:
        out.append(f"only one of {found.attrs['starts']} starts came to the best fit: take more starts")
    elif found.attrs["agreeing"] < 0.3 * found.attrs["starts"]:
        count = f"{found.attrs['agreeing']} of {found.attrs['starts']}"
        out.append(f"{count} starts came to the best fit, the others ended elsewhere")
    at_end = [str(n) for n, b in zip(found["parameter"].values, found["at_bound"].values, strict=True) if b]
    if at_end:
        out.append(f"at an end of what is allowed: {', '.join(at_end)}; their errors are not those of a free parameter")
    if skewed := found.attrs["skewed"]:
        said = "of a skew distribution, of which value and error say little (see profiles, or a posterior)"
        out.append(f"{said}: {skewed}")
    if undetermined := found.attrs["undetermined"]:
        out.append(f"not determined by data and priors: {undetermined}")
    for name, profile in run.of_kind(PROFILES).items():
        better = float(profile.attrs["better"])
        if better > 0.01:
            out.append(f"a better fit was met on the profile {name}, by {better:.2g} of chi-square: take more starts")
    for label, p in zip(found["data"].values, found["runs"].values, strict=True):
        if p < _NOTABLE:
            out.append(
                f"{label}: residuals keep their sign too long (probability {p:.1g}): the curve has another shape"
            )
    shares = zip(study.problem.coordinates, found["told"].values, strict=True)
    told = [one.name for one, share in shares if one.prior.penalty and share < 0.1]
    if told:
        out.append(f"known from the prior, to which the data add less than a tenth: {', '.join(told)}")
    return out


def mechanism_rows(compared: xr.Dataset) -> list[dict[str, str]]:
    """What a comparison says of each mechanism, the best first."""
    probability = np.nan_to_num(compared["probability"].values)
    out = []
    for k in np.lexsort((compared["chi2"].values, -np.round(probability, 6))):
        row = compared.isel(mechanism=int(k))
        p, log = float(row["probability"]), float(row["log_evidence"])
        known = with_error(log, float(row["log_evidence_error"])) if np.isfinite(log) else "refused"
        out.append({
            "name": str(row["mechanism"].values), "probability": _percent(p),
            "log": known, "effective": f"{float(row['effective_samples']):.0f}", "method": str(row["method"].values),
            "why": str(row["why"].values), "chi2": f"{float(row['chi2']):.4g}",
            "of": str(int(row["degrees_of_freedom"])), "goodness": f"{float(row['goodness']):.2g}",
            "fits": "yes" if bool(row["fits"]) else "no",
        })  # fmt: skip
    return out


def _percent(p: float) -> str:
    return "not known" if np.isnan(p) else f"{100 * p:.3g} %" if p >= 1e-4 else "below 0.01 %"


def candidate_rows(plan: xr.Dataset) -> list[dict[str, str]]:
    """What each candidate would tell, the most for its cost first."""
    return [
        {"name": str(n), "gain": with_error(float(g), float(e)), "cost": f"{float(c):.3g}"}
        for n, g, e, c in zip(plan["candidate"].values, plan["gain"].values, plan["gain_error"].values,
                              plan["cost"].values, strict=True)
    ]  # fmt: skip


def draws_of(run: Run) -> xr.DataTree | None:
    """Draws from the distribution of the parameters; None where there are none."""
    return next((r.tree for r in run.results if r.name == POSTERIOR and not r.kind), None)


def draw_rows(draws: xr.DataTree) -> list[dict[str, str]]:
    """Mean with deviation, and the interval of 95 % of the draws, of every parameter that is no deviation."""
    out = []
    for name, values in draws["posterior"].data_vars.items():
        if ", deviation of " in str(name):
            continue
        unit, flat = str(values.attrs["units"]), values.values.ravel()
        low, high = np.quantile(flat, (0.025, 0.975))
        out.append({
            "name": str(name), "value": value(float(flat.mean()), float(flat.std()), unit),
            "interval": interval(float(low), float(high), unit),
        })  # fmt: skip
    return out


def drawn_words(draws: xr.DataTree) -> str:
    """How draws were made, and what was checked of them."""
    chains, count = draws["posterior"].sizes["chain"], draws["posterior"].sizes["draw"]
    said = draws.attrs
    worth = f"{said['effective_draws']:.0f} independent ones"
    if said["method"] == "nested":
        evidence = with_error(float(said["log_evidence"]), float(said["log_evidence_error"]))
        return f"{count} draws by nested sampling, worth {worth}; ln of the evidence {evidence}"
    checked = f"rhat {said['rhat']:.4f}, {said['divergences']} divergent"
    return f"{chains} chains of {count} draws by NUTS, worth at least {worth}, {checked}"


def verdicts(run: Run) -> list[str]:
    """What a comparison of mechanisms says, in sentences; none without one."""
    compared = run.of_kind("").get(MECHANISMS)
    return [] if compared is None else [line for line in str(compared.attrs["words"]).split("\n") if line]
