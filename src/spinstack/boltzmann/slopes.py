"""Derivatives of the sheet conductance by every parameter of a film (docs/methods/boltzmann.md, "Derivatives").

What a parameter changes is weighed by the film's answer and by that of the film with time reversed, which is the
adjoint: two solutions at one set of directions, whatever the number of parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Specularity, alike, emission, flux_average, scattered
from spinstack.boltzmann.conductances import Conductances, by_parameter, in_space
from spinstack.boltzmann.contact import Contact, share_slopes, shares
from spinstack.boltzmann.describe import Problem, absorbing
from spinstack.boltzmann.layer import kernel
from spinstack.boltzmann.projected import fraction_slopes
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates, numbers
from spinstack.boltzmann.response import Driven, Kernels, drive, sheets
from spinstack.boltzmann.tangents import Forms, layer_forms, passage
from spinstack.numerics.threads import Once
from spinstack.scattering.fermi_sphere import fermi_wavevector, given_wavevectors
from spinstack.scattering.model import ScatteringModel
from spinstack.stack import Film
from spinstack.stack.element import Element
from spinstack.stack.interface import Interface

#: time reversal of x, y, z, c
_REVERSED = np.array([-1.0, -1.0, -1.0, 1.0])
#: imaginary step, relative: what is analytic has its derivative to rounding
_STEP = 1e-20
_RATES = ("up", "down", "flip", "across", "across_in", "precession")

#: position of the element and name of its parameter, of a complex one with .real or .imag
Place = tuple[int, str]


class Adjoint(NamedTuple):
    """A solved segment and what weighs changes of it, (batch, N, M, F, 4, 2), last axis the current that is asked for.

    lam: of what enters the faces; eta: of what leaves them, by what is made of it; eta_whole: as a part of the current,
    too.
    """

    driven: Driven
    lam: np.ndarray
    eta: np.ndarray
    eta_whole: np.ndarray


class SheetSlopes:
    """Derivatives of the sheet conductance of films of one structure at the places `wanted`.

    Args:
        films: the film of every problem, or one that all have.
        wanted: parameters.
        d: directions.
        specularity, kernels: as in :func:`drive`.
    """

    def __init__(
        self, films: Sequence[Film], wanted: Collection[Place], d: Directions,
        specularity: tuple[Specularity, Specularity],
        kernels: Kernels,
    ) -> None:  # fmt: skip
        self.wanted, self.d, self.specularity, self.kernels = list(wanted), d, specularity, kernels
        self.films, self.kF = films, [fermi_wavevector(film) for film in films]
        # where several elements give it, they can only change together
        spheres = list(given_wavevectors(films[0]))
        self.sphere = spheres[0] if spheres and spheres[0] in self.wanted else None
        self.moved = [place for place in self.wanted if place not in spheres[1:]]
        self._forms = Once()
        self._rates: dict[tuple[int, int, Place], dict[str, np.ndarray]] = {}

    def __call__(self, problems: Sequence[Problem], start: int) -> tuple[np.ndarray, dict[Place, np.ndarray]]:
        """Sheet conductance (batch, 2, 2) and derivatives (batch, 2, 2, own axes) of some problems from `start` on."""
        turned = [_reversed(p) for p in problems]
        numbers = range(start, start + len(problems)) if len(self.films) > 1 else range(1)
        sums = _Sums(self, problems, numbers)
        value = np.zeros((len(problems), 2, 2))
        for index in range(len(problems[0].segments)):
            driven = drive(problems, index, self.d, self.specularity, self.kernels)
            value += sheets(driven).sum(1)
            sums.add(index, _adjoint(driven, drive(turned, index, self.d, self.specularity, self.kernels)))
        value *= np.array([p.C for p in problems])[:, None, None]
        return value, sums.finished(value)

    def forms(self, r: Rates) -> tuple[tuple[Forms, Forms], dict[str, dict[str, np.ndarray]]]:
        """Those of the layer matrix, and of the unscattered passage."""
        return self._forms(r.key, lambda: (layer_forms(r, kernel(r, self.d, apart=False).sectors), passage(r, self.d)))

    def rates(self, film: int, element: int, place: Place) -> dict[str, np.ndarray]:
        """Derivatives of the rates of a layer of one of the films."""
        key = film, element, place
        if key not in self._rates:
            self._rates[key] = _rate_slopes(self.films[film].elements[element], self.kF[film], place)
        return self._rates[key]


def _reversed(problem: Problem) -> Problem:
    """The film with time reversed: magnets and spin splitters point the other way."""
    return problem._replace(
        segments=[
            s._replace(
                rates=[r._replace(axis=-r.axis, splitter=-r.splitter) for r in s.rates],
                contacts=[c._replace(m=-c.m) for c in s.contacts],
                ends=[None if e is None else e._replace(total=e.total.T, torque=e.torque.T) for e in s.ends],
            )
            for s in problem.segments
        ]
    )


def _adjoint(driven: Driven, back: Driven) -> Adjoint:
    half = len(driven.d.phi) // 2

    def reversed_(values: np.ndarray) -> np.ndarray:
        return -_REVERSED[:, None] * np.roll(values, half, 2)

    lam, eta = reversed_(back.leaving + back.bulk_leaving), reversed_(back.entering)
    return Adjoint(driven, lam, eta, eta + reversed_(back.bulk_entering))


class _Sums:
    """Sums over the segments of a batch of films, over C; numbers: of the films, one or one for every problem."""

    def __init__(self, slopes: SheetSlopes, problems: Sequence[Problem], numbers: Sequence[int]) -> None:
        self.of, self.problems, self.numbers = slopes, problems, numbers
        self.by: dict[Place, np.ndarray] = {}
        self.by_C = np.zeros((len(problems), 2, 2))

    def add(self, index: int, at: Adjoint) -> None:
        """The share of one segment."""
        segments = at.driven.segments
        first = segments[0]
        for n, element in enumerate(first.elements):
            moved = [place for place in self.of.moved if place[0] == element or place == self.of.sphere]
            if moved:
                self._layer(element, moved, _by_rates(self.of, at, n, [s.rates[n] for s in segments]))
        for n, element in enumerate(first.contact_elements):
            if element >= 0:
                self._contact(element, [s.contacts[n] for s in segments], at, n)
        for k, face in ((0, 0), (1, 2 * len(first.rates) - 1)):
            if first.ends[k] is not None:
                self._absorber(index, k, face, at)

    def finished(self, value: np.ndarray) -> dict[Place, np.ndarray]:
        """Derivatives of the `value` (batch, 2, 2) [S] at every place, zero where nothing depends on it."""
        C = np.array([p.C for p in self.problems])
        if self.of.sphere is not None:  # C goes as its square
            by_C = value / C[:, None, None] + C[:, None, None] * self.by_C
            kF = np.array([self.of.kF[i] for i in self.numbers])
            self._put(self.of.sphere, 2 * by_C / kF[:, None, None])
        out = {}
        for i, name in self.of.wanted:
            own = np.shape(self.of.films[0].elements[i].value(name.removesuffix(".real").removesuffix(".imag")))
            found = self.by.get((i, name), np.zeros((len(C), 2, 2, *own)))
            out[i, name] = C.reshape(-1, *(1,) * (found.ndim - 1)) * found
        return out

    def _put(self, place: Place, value: np.ndarray) -> None:
        self.by[place] = self.by[place] + value if place in self.by else value

    def _layer(self, index: int, moved: Sequence[Place], by_rates: Mapping[str, np.ndarray]) -> None:
        for place in moved:
            each = [self.of.rates(number, index, place) for number in self.numbers]
            # what a film does not have there (an infinite length) counts nothing
            for name, like in {name: one for slopes in each for name, one in slopes.items()}.items():
                rates, inner = by_rates[name], by_rates[name].ndim - 3
                slope = np.stack([slopes.get(name, np.zeros_like(like)) for slopes in each])  # films, own, inner axes
                flat = slope.reshape(len(slope), -1, int(np.prod(slope.shape[slope.ndim - inner :])))
                found = rates.reshape(len(rates), 4, -1) @ flat.swapaxes(1, 2)
                self._put(place, found.reshape(len(rates), 2, 2, *slope.shape[1 : slope.ndim - inner]))

    def _contact(self, element: int, contacts: Sequence[Contact], at: Adjoint, n: int) -> None:
        """Of what an interface does: flow from side and component to side and component."""
        names = [name for i, name in self.of.moved if i == element and (i, name) != self.of.sphere]
        told = isinstance(contacts[0].model, Conductances)
        if not names and not (told and self.of.sphere is not None):
            return
        d, faces, batch = self.of.d, slice(2 * n + 1, 2 * n + 3), len(contacts)
        lam, out = at.lam[:, :, :, faces], (at.driven.leaving + at.driven.bulk_leaving)[:, :, :, faces]
        if (part := at.driven.faces.contacts[n].projected) is not None:
            left, right = (part.collected(one.reshape(*one.shape[:3], 8, -1)) for one in (lam, out))
            by = [left.swapaxes(1, 2) @ change @ right / 2 for change in fraction_slopes(contacts, part)]
            self._fractions(element, names, by[0], by[1])
            return
        # what arrives (batch, ..., both faces and components, 2), and what it is weighed by where it leaves
        arriving, spread = out.reshape(*out.shape[:3], 8, -1), emission(d, out).reshape(batch, 8, -1)
        over_all = _flux(d, lam)
        m = np.array([c.m for c in contacts])
        p = np.array([c.diffuse for c in contacts])
        mirrored, diffuse = (shares(share[:, 0], share[:, 1], m) for share in (1 - p, p))

        def weighed(change: np.ndarray, mirrored: np.ndarray, diffuse: np.ndarray) -> np.ndarray:
            """Of a change (batch or 1, N, M, 2, 4, 2, 4), of which these shares (batch, 4, 4) stay or are spread."""
            stays = (mirrored.swapaxes(1, 2)[:, None, None, None] @ lam).reshape(batch, -1, 2)
            passed = change.reshape(*change.shape[:3], 8, 8) @ arriving
            first = stays.swapaxes(1, 2) @ passed.reshape(batch, -1, 2) / (2 * len(d.phi))
            goes = (diffuse.swapaxes(1, 2)[:, None] @ over_all).reshape(batch, 8, 2)
            second = goes.swapaxes(1, 2) @ (flux_average(d, change).reshape(-1, 8, 8) @ spread) / 2
            return np.asarray(first + second)

        for name in names:
            if name.startswith("diffuse_fraction"):
                flow = scattered(contacts, d).flow
                by_kept, by_spread = (share_slopes(share[:, 0], share[:, 1], m) for share in (1 - p, p))
                found = [weighed(flow, -kept, made) for kept, made in zip(by_kept, by_spread, strict=True)]
                self._fractions(element, [name], found[0], found[1])
            elif name.startswith("scattering."):
                change = _probability_slopes(contacts, name.partition(".")[2], d)
                self._put((element, name), weighed(change, mirrored, diffuse))
        if told:
            models = [c.model for c in contacts if isinstance(c.model, Conductances)]
            slopes = [model.slopes() for model in models]
            interface = self.of.films[0].elements[element]
            assert isinstance(interface, Interface)

            def by_parts(six: Sequence[np.ndarray]) -> np.ndarray:
                flow = in_space(np.stack(six), m)[:, None, None]
                return weighed(np.repeat(flow, len(d.mu), 1), mirrored, diffuse)

            for name in names:
                by = [by_parameter(interface, name, one) for one in slopes]
                if some := [one for one in by if one is not None]:
                    self._put((element, name), by_parts(some))
            if self.of.sphere is not None:
                self.by_C += by_parts([one["C"] for one in slopes])

    def _fractions(self, element: int, names: Sequence[str], up: np.ndarray, down: np.ndarray) -> None:
        """Of diffuse fractions, from those of majority and minority."""
        same = self.of.films[0].elements[element].value("diffuse_fraction_down") is None
        for name in names:
            if name.startswith("diffuse_fraction"):
                self._put((element, name), up + down if same else down if name.endswith("down") else up)

    def _absorber(self, index: int, k: int, face: int, at: Adjoint) -> None:
        """A magnetic insulator: spin kept is 2 (1 + Y)^-1 - 1 with Y = 4 total/C."""
        d, specularity = self.of.d, self.of.specularity[k]
        assert isinstance(specularity, float)
        lam, out = at.lam[:, :, :, face, :3], (at.driven.leaving + at.driven.bulk_leaving)[:, :, :, face, :3]
        weights = specularity * np.einsum("bnpxa,bnpyj->bxyaj", lam, out) / (2 * len(d.phi))
        weights += (1 - specularity) / 2 * np.einsum("bxa,byj->bxyaj", _flux(d, lam), emission(d, out))
        by = np.zeros((3, len(self.problems), 2, 2))
        for b, problem in enumerate(self.problems):
            absorber = problem.segments[index].ends[k]
            assert absorber is not None
            Y = 4 * absorber.total / problem.C
            inverse = np.linalg.inv(np.eye(3) + Y)
            by_Y = -2 * np.einsum("xz,xyaj,wy->zwaj", inverse, weights[b], inverse)
            by[:, b] = np.einsum("zwaj,qzw->qaj", by_Y, 4 * absorbing(problem.m[absorber.magnet]) / problem.C)
            self.by_C[b] -= np.einsum("zwaj,zw->aj", by_Y, Y) / problem.C
        names = ("spin_sink_conductance", "mixing_conductance.real", "mixing_conductance.imag")
        element = self.problems[0].segments[index].end_elements[k]
        for name, value in zip(names, by, strict=True):
            self._put((element, name), value)


def _flux(d: Directions, values: np.ndarray) -> np.ndarray:
    """Flux-normalised values (batch, N, M, ...) summed over all directions."""
    return emission(d, values) / 2


def _rate_slopes(layer: Element, kF: float, place: Place) -> dict[str, np.ndarray]:
    """Derivatives (own axes, ...) of the fields of :class:`Rates` by a parameter of a layer, or by the film's k_F."""
    name = place[1].removeprefix("scattering.")
    value = np.asarray(kF if name == "fermi_wavevector" else layer.value(name), dtype=float)
    if name == "thickness":
        return {"thickness": np.ones(())}
    rows: dict[str, list[np.ndarray]] = {}
    if not np.isfinite(value).all():  # by an infinite length all is flat
        return {}
    for index in np.ndindex(value.shape):
        step = _STEP * max(abs(float(value[index])), _STEP)
        moved = value.astype(complex)
        moved[index] += 1j * step
        own = kF if name != "fermi_wavevector" else moved[()]
        given = layer.parameters.get(name) is not None
        p = (layer._with({name: moved[()]}) if given else layer).numbers("boltzmann")
        found = dict(zip(_RATES, numbers(p, own), strict=True))
        found |= {"source": p["spin_hall_angle"], "splitter": p.get("spin_splitter", np.zeros((3, 2)))}
        for field, number in found.items():
            rows.setdefault(field, []).append(np.imag(number) / step)
    return {field: np.reshape(row, (*value.shape, *np.shape(row[0]))) for field, row in rows.items()}


def _probability_slopes(contacts: Sequence[Contact], name: str, d: Directions) -> np.ndarray:
    """Derivatives of the flow (batch or 1, N, M, 2, 4, 2, 4) by one parameter of the models."""
    models = [c.model for c in contacts if isinstance(c.model, ScatteringModel)]
    if all(model is models[0] for model in models):
        m = np.array([c.m for c in contacts])[:, None, None]
        R, T = models[0].incidence_slopes(name, d.mu[:, None], d.phi, m)
    else:
        each = [
            model.incidence_slopes(name, d.mu[:, None], d.phi, c.m) for model, c in zip(models, contacts, strict=True)
        ]
        R, T = map(np.stack, zip(*each, strict=True))
    none = np.zeros_like(R[..., :3, :])
    return alike(R, T, none, none).flow


def _by_rates(slopes: SheetSlopes, at: Adjoint, n: int, rates: Sequence[Rates]) -> dict[str, np.ndarray]:
    """Derivatives of the sheet conductance over C (batch, 2, 2, ...) by the fields of the rates of one layer."""
    d, faces = slopes.d, slice(2 * n, 2 * n + 2)
    out = _by_shifts(at, n, rates)
    axes = np.array([r.axis for r in rates])
    weights, entering = (_in_frame(axes, one[:, :, :, faces]) for one in (at.eta, at.driven.entering))
    alike: dict[tuple[float, ...], list[int]] = {}
    for b, r in enumerate(rates):
        alike.setdefault(r.key, []).append(b)
    for some in alike.values():
        forms, passed = slopes.forms(rates[some[0]])
        for k, names in enumerate((("up", "down"), ("across",))):
            eta, into = (
                np.concatenate([one[name][some].mean(2) for name in names], 1).transpose(0, 2, 1, 3)
                for one in (weights, entering)
            )
            for field, value in forms[k](eta.conj(), into).items():
                out[field][some] += value.real / 2
            for name in names:
                # what passes unscattered is weighed where it leaves, at the other face
                apart = [one[name][some] - one[name][some].mean(2, keepdims=True) for one in (weights, entering)]
                left = apart[0].conj().transpose(0, 1, 4, 3, 2).reshape(len(some), len(d.mu), 2, -1)
                right = apart[1][:, :, :, ::-1].transpose(0, 1, 3, 2, 4).reshape(len(some), len(d.mu), -1, 2)
                both = (left @ right).reshape(len(some), len(d.mu), 4) / (2 * len(d.phi))
                for field, slope in passed[name].items():
                    out[field][some] += (slope @ both).real.reshape(len(some), 2, 2)
    return out


def _in_frame(axes: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    """Spin up, down and (complex) across of values (batch, N, M, F, 4, columns) for axes (batch, 3)."""
    first = np.cross(axes, np.eye(3)[np.argmin(np.abs(axes), 1)])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    across = first + 1j * np.cross(axes, first)
    along, turned = (np.einsum("bs,bnpfsk->bnpfk", one, values[..., :3, :], optimize=True) for one in (axes, across))
    charge = values[..., 3, :]
    return {"up": (charge + along) / np.sqrt(2), "down": (charge - along) / np.sqrt(2), "across": turned}


def _by_shifts(at: Adjoint, n: int, rates: Sequence[Rates]) -> dict[str, np.ndarray]:
    """What follows from the bulk's own h, as source and as weight, and from the bulk itself; zero for other rates."""
    d, driven, batch = at.driven.d, at.driven, len(rates)
    harmonic = (d.flux[:, None, None] * d.inplane / (2 * len(d.phi))).reshape(-1, 2)
    grade = d.flux * d.mu / (2 * len(d.phi))
    faces, moments = slice(2 * n, 2 * n + 2), []
    # as a source the bulk's h counts with eta where it leaves and -lam where it enters, as a weight with in and -out
    for plus, minus in ((at.eta_whole, at.lam), (driven.entering, driven.leaving)):
        first = (plus - minus)[:, :, :, faces].sum(3)
        both = (plus + minus)[:, :, :, faces]
        second = both[:, :, :, 0] - both[:, :, :, 1]
        one = harmonic.T @ first.reshape(batch, -1, 8)
        two = (grade @ second.sum(2).reshape(batch, len(d.mu), 8)).reshape(batch, 4, 2)
        moments.append((one.reshape(batch, 2, 4, 2), two))
    (source, up_source), (weight, up_weight) = moments
    path = np.array([r.path for r in rates])[:, None, None]
    up, down, t = (np.array([getattr(r, name) for r in rates]) for name in ("up", "down", "thickness"))
    axis = np.array([r.axis for r in rates])
    velocity = np.array([r.velocity for r in rates])
    hall, split = (np.array([getattr(r, name) for r in rates]) for name in ("source", "splitter"))
    # by the path of one channel: h is along times (+-axis, 1)/2, across goes with the mean path
    by_mean = np.einsum("bsa,bsj->baj", -up_source[:, :3], hall + split)
    by_mean = by_mean + np.einsum("bsj,bsa->baj", up_weight[:, :3], split - hall)
    out_by = {name: np.zeros((batch, 2, 2)) for name in (*_RATES, "thickness")}
    for name, rate, sign in (("up", up, 1.0), ("down", down, -1.0)):
        channel = np.concatenate([sign * axis, np.ones((batch, 1))], 1) / 2
        moved = np.einsum("bkca,bc,bkj->baj", source, channel, velocity)
        moved = moved + np.einsum("bkcj,bc,bka->baj", weight, channel, velocity)
        bulk = (t / 6)[:, None, None] * np.eye(2)
        out_by[name] = -(moved + by_mean / 2 + bulk) / (rate**2)[:, None, None]
    out_by["thickness"] = path / 3 * np.eye(2)
    one = np.eye(2)
    from_source = -np.einsum("bsa,jk->bajsk", up_source[:, :3], one)
    from_weight = np.einsum("bsj,ak->bajsk", up_weight[:, :3], one)
    out_by["source"] = path[..., None, None] * (from_source - from_weight)
    out_by["splitter"] = path[..., None, None] * (from_source + from_weight)
    if split.any():
        whole = np.concatenate([axis * ((1 / up - 1 / down) / 2)[:, None], path[:, :, 0]], 1)
        by_velocity = np.einsum("bkca,bc,jl->bajkl", source, whole, one)
        by_velocity = by_velocity + np.einsum("bkcj,bc,al->bajkl", weight, whole, one)
        for b in range(batch):
            # M M = 1 - Theta^T Theta
            lifted = np.linalg.pinv(np.kron(velocity[b], np.eye(2)) + np.kron(np.eye(2), velocity[b]))
            for s, k in np.ndindex(3, 2):
                unit = np.zeros((3, 2))
                unit[s, k] = 1.0
                moved = -(split[b].T @ unit + unit.T @ split[b])
                out_by["splitter"][b, :, :, s, k] += by_velocity[b].reshape(2, 2, 4) @ (lifted @ moved.reshape(4))
    return out_by
