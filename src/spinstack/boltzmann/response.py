"""Films, each with one direction of its magnets, on one set of directions: everything that in-plane fields drive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Absorber, Boundaries, Specularity, assemble, emission, surface
from spinstack.boltzmann.closure import close, returned, stacked, whole
from spinstack.boltzmann.describe import Problem, Segment
from spinstack.boltzmann.layer import End, Kernel, applied, cartesian, cosines, end, frame, kernel
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates
from spinstack.numerics.threads import Once

#: spin Hall effect and spin splitter
_TENSORS = ("source", "splitter")


class Kernels:
    """Layer matrices by rates and number of directions: they do not depend on where m points."""

    def __init__(self) -> None:
        self._known, self._ends = Once(), Once()

    def __call__(self, rates: Rates, d: Directions) -> Kernel:
        key = (float(len(d.mu)), d.mu[0], float(d.resolved), *rates.key, *d.radii)
        return self._known(key, lambda: kernel(rates, d))

    def end(self, rates: Rates, d: Directions, specularity: float) -> End:
        """The same for the layer at a surface."""
        key = (float(len(d.mu)), *rates.key, specularity)
        return self._ends(key, lambda: end(rates, self(rates, d), specularity, d))


class Shifts(NamedTuple):
    """h deep in a layer, for fields along x, y: `along` (batch, 4, 2, 2) times the in-plane k, plus |k_z| times
    `across` (batch, 4, 2) for electrons that go up, minus it for those that go down [m].

    weights: `across` of what weighs the in-plane current, the bulk answer of the film with time reversed: the spin Hall
    effect with the other sign, and the same `along`. In-plane k is that in units of the largest k_F of the film, |k_z|
    that of the layer's own sphere, of radius `radius`. moving (batch or 1, N, 4, 4): the spins that move in every
    direction, None where all do. paths (batch, N, 4): mean free path in the place of `along` where directions
    differ in it, of electrons that go up.
    """

    along: np.ndarray
    across: np.ndarray
    weights: np.ndarray
    radius: float
    moving: np.ndarray | None
    paths: np.ndarray | None = None

    def grade(self, d: Directions) -> np.ndarray:
        """|k_z| (N,) of the layer's own sphere, flux-normalised."""
        return d.flux * np.sqrt(np.maximum(d.kz2(self.radius), 0)) / self.radius if d.several else d.flux * d.mu

    def both_paths(self, d: Directions) -> tuple[np.ndarray, np.ndarray]:
        """Mean free paths (batch, N, 4) of electrons that go up and down."""
        assert self.paths is not None
        return self.paths, self.paths[:, d.reversed()]

    def both(self, d: Directions, harmonic: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """h (batch, N, M, 4, 2) of electrons that go up and down, flux-normalised; harmonic: in-plane k (N, M, 2)."""
        upwards = self.grade(d)[:, None, None, None] * self.across[:, None, None]
        if self.paths is not None:
            up, down = (harmonic[:, :, None] * p[:, :, None, :, None] for p in self.both_paths(d))
            return up + upwards, down - upwards
        along = harmonic @ self.along.transpose(0, 2, 1, 3).reshape(-1, 1, 2, 8)
        along = along.reshape(*along.shape[:-1], 4, 2)
        up, down = along + upwards, along - upwards
        if self.moving is None:
            return up, down
        moving = self.moving[:, :, None]
        return moving @ up, moving @ down


class Driven(NamedTuple):
    """A solved segment of a batch of films: bulk answers and deviations, (batch, N, M, F, 4, 2), flux-normalised.

    segments: of every film; axes, kernels, deep: of every layer, the `frame`, for every film, and the bulk's h in a
    field in the plane, which stands beside the deviations where `in_plane`; entering, leaving:
    deviations; entering_mean, leaving_mean (batch, N, F, 4, 2): their azimuthal averages; sinks: whether spin across m
    is lost at the bottom and at the top surface.
    """

    segments: Sequence[Segment]
    axes: list[np.ndarray]
    kernels: list[list[Kernel]]
    deep: list[Shifts]
    d: Directions
    faces: Boundaries
    entering: np.ndarray
    leaving: np.ndarray
    entering_mean: np.ndarray
    leaving_mean: np.ndarray
    bulk_entering: np.ndarray
    bulk_leaving: np.ndarray
    in_plane: bool = True
    sinks: tuple[bool, bool] = (False, False)


class Raw(NamedTuple):
    """Linear response of one film; last axis the field along x, y.

    sheet (elements, 2, 2) [S]: sheet current of every element of the film; torque (magnets, 3, 2), lattice (3, 2)
    [S/m]: spin current into each magnetisation and into the lattice; residual (): largest violation of the balance of
    charge and spin relative to the currents; path [m]: the longest mean free path; constant: C [S/m^2].
    """

    sheet: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray
    residual: float
    path: float
    constant: float


def moving(rates: Sequence[Rates], d: Directions) -> np.ndarray | None:
    """(batch or 1, N, 4, 4): the spins that move in every direction of one layer of a batch; None where all do."""
    if not d.several:
        return None
    first = rates[0]
    up, down = (1.0 * (d.edge <= r) for r in first.radius)
    if not first.split:
        return (up[:, None, None] * np.eye(4))[None]
    axes = frame(np.array([r.axis for r in rates]))
    none = np.zeros_like(up)
    return cartesian(axes, np.stack([up + down, up - down, up - down, up + down, none, none])[None] / 2).transpose(
        0, 3, 1, 2
    )


def shifts(rates: Sequence[Rates], d: Directions) -> Shifts:
    """Deep in one layer of every film of a batch."""
    up, down = (
        1 / (np.array([getattr(r, spin) for r in rates]) * rates[0].radius[k]) for k, spin in enumerate(("up", "down"))
    )
    path = np.empty((len(rates), 4))
    path[:, :3] = np.array([r.axis for r in rates]) * ((up - down) / 2)[:, None]
    path[:, 3] = (up + down) / 2
    across, weights = np.zeros((2, len(rates), 4, 2))
    mean = np.array([r.path for r in rates])[:, None, None]
    hall, split = (mean * np.array([getattr(r, name) for r in rates]) for name in _TENSORS)
    across[:, :3], weights[:, :3] = split + hall, split - hall
    along = path[:, :, None, None] * np.array([r.velocity for r in rates])[:, None]
    return Shifts(along, across, weights, rates[0].radius[0], moving(rates, d), _paths(rates, d))


def _paths(rates: Sequence[Rates], d: Directions) -> np.ndarray | None:
    """Mean free paths (batch, N, 4) of electrons that go up, where they differ by direction."""
    if not any(r.anisotropic for r in rates):
        return None
    out = np.empty((len(rates), len(d.mu), 4))
    for b, r in enumerate(rates):
        up, down = (1 / a for a in r.each(cosines(r.axis, d)))
        out[b, :, :3], out[b, :, 3] = ((up - down) / 2)[:, None] * r.axis, (up + down) / 2
    return out


def constants(deep: Sequence[Shifts]) -> np.ndarray | None:
    """(batch or 1, N, E, 4): what there is at every face, two of each layer, of constant spins and charge."""
    if any(one.moving is None for one in deep):
        return None
    batch = max(len(one.moving) for one in deep if one.moving is not None)
    each = [np.broadcast_to(one.moving, (batch, *one.moving.shape[1:])) for one in deep if one.moving is not None]
    return np.concatenate([one for one in each for _ in range(2)], 2)


class _Surface(NamedTuple):
    """A surface that keeps charge and spin, and what it sends through its layer: (batch, N, [M,] 4, 2).

    outer, inner: its face and the other one of its layer; emitted: into the layer, of the bulk; own: what enters there
    with its echoes, averaged; through: what then leaves the inner face; ballistic (batch, N, 1, 4, 4): free passage.
    """

    outer: int
    inner: int
    specularity: float
    parts: End
    emitted: np.ndarray
    own: np.ndarray
    through: np.ndarray
    ballistic: np.ndarray


def drive(
    problems: Sequence[Problem],
    index: int,
    d: Directions,
    specularity: tuple[Specularity, Specularity],
    kernels: Kernels,
) -> Driven:
    """Solve one segment of films of one structure under both in-plane fields.

    A surface that keeps spin belongs to its layer, whatever m is: what enters there follows from the inner face.
    """
    segments = [p.segments[index] for p in problems]
    batch, layers = len(segments), len(segments[0].rates)
    rates = [[s.rates[n] for s in segments] for n in range(layers)]
    solved = [[kernels(r, d) for r in each] for each in rates]
    axes = [frame(np.array([r.axis for r in each])) for each in rates]
    shape = (batch, len(d.mu), len(d.phi), 2 * layers, 4, 2)
    entering, leaving = np.empty(shape), np.empty(shape)
    deep, harmonic = [shifts(each, d) for each in rates], d.flux[:, None, None] * d.inplane
    for n, layer in enumerate(deep):
        upwards, downwards = layer.both(d, harmonic)
        entering[:, :, :, 2 * n], leaving[:, :, :, 2 * n] = upwards, downwards
        entering[:, :, :, 2 * n + 1], leaving[:, :, :, 2 * n + 1] = downwards, upwards
    surfaces = []
    for k, outer, inner in ((0, 0, 1), (1, 2 * layers - 1, 2 * layers - 2)):
        p = specularity[k]
        if layers > 1 and segments[0].ends[k] is None and isinstance(p, float) and not (d.several or d.resolved):
            found = [kernels.end(r, d, p) for r in rates[outer // 2]]
            one = axes[outer // 2], solved[outer // 2], found, entering[:, :, :, outer], leaving[:, :, :, outer]
            surfaces.append(_surface(outer, inner, p, d, *one))
    explicit = [face for face in range(2 * layers) if all(face != s.outer for s in surfaces)]
    at_end = {s.inner // 2: s.parts for s in surfaces}
    passages = [
        returned(axes[n], at_end[n].back, at_end[n].free) if n in at_end else whole(axes[n], solved[n], d)
        for n in range(layers)
    ]
    ends = [
        surface(
            specularity[k], np.array([s.rates[-k].axis for s in segments]),
            _kept([s.ends[k] for s in segments], problems, rates[-k][0].radius[0]), rates[-k][0].radius,
        )
        for k in (0, 1)
    ]  # fmt: skip
    contacts = [[s.contacts[n] for s in segments] for n in range(layers - 1)]
    faces = assemble(contacts, batch, d, explicit, (ends[0], ends[1]))
    # what leaves without anything that enters: the bulk, and what surfaces emit through their layers
    bare = leaving[:, :, :, explicit]
    for s in surfaces:
        bare[:, :, :, explicit.index(s.inner)] += s.through
    moved = constants(deep)
    known = bare.reshape(*shape[:3], 4 * len(explicit), 2)
    source = faces.scattered(d, known, moved) - entering[:, :, :, explicit].reshape(known.shape)
    inside = close(passages, faces, d, source, closed=True, moving=moved)
    into, out = np.empty_like(entering), np.empty_like(leaving)
    into_mean, out_mean = (np.empty((*shape[:2], *shape[3:])) for _ in range(2))
    into[:, :, :, explicit] = inside.resolved.reshape(*shape[:3], -1, 4, 2)
    out[:, :, :, explicit] = inside.leaving.reshape(*shape[:3], -1, 4, 2)
    into_mean[:, :, explicit] = inside.mean.reshape(*shape[:2], -1, 4, 2)
    out_mean[:, :, explicit] = inside.leaving_mean.reshape(*shape[:2], -1, 4, 2)
    for s in surfaces:
        n, mean = s.outer // 2, into_mean[:, :, s.inner]
        same, other = (stacked([getattr(k, name) for k in solved[n]]) for name in ("same", "other"))
        out[:, :, :, s.inner] += s.through
        out_mean[:, :, s.inner] += s.through.mean(2)
        into_mean[:, :, s.outer] = s.own + applied(axes[n], s.parts.outer, mean)
        out_mean[:, :, s.outer] = applied(axes[n], same, into_mean[:, :, s.outer]) + applied(axes[n], other, mean)
        passed = s.ballistic @ (into[:, :, :, s.inner] - mean[:, :, None])
        out[:, :, :, s.outer] = out_mean[:, :, None, s.outer] + passed
        beside = s.emitted - s.emitted.mean(2)[:, :, None] + s.specularity * passed
        into[:, :, :, s.outer] = into_mean[:, :, None, s.outer] + beside
    sinks = (not isinstance(specularity[0], float), not isinstance(specularity[1], float))
    return Driven(
        segments, axes, solved, deep, d, faces, into, out, into_mean, out_mean, entering, leaving, sinks=sinks
    )


def _surface(
    outer: int, inner: int, specularity: float, d: Directions, axes: np.ndarray, kernels: Sequence[Kernel],
    ends: Sequence[End], entering: np.ndarray, leaving: np.ndarray,
) -> _Surface:  # fmt: skip
    """A surface on layers whose bulk enters and leaves it so (batch, N, M, 4, 2)."""
    parts = End(*(stacked([getattr(one, name) for one in ends]) for name in End._fields))
    emitted = specularity * leaving - entering
    if specularity < 1:
        spread = (1 - specularity) * emission(d, leaving)
        emitted += d.flux[:, None, None, None] * spread[:, None, None]
    mean = emitted.mean(2)
    own = applied(axes, parts.echoes, mean)
    ballistic = cartesian(axes, stacked([k.free for k in kernels])).transpose(0, 3, 1, 2)[:, :, None]
    across = applied(axes, stacked([k.other for k in kernels]), own)
    through = ballistic @ (emitted - mean[:, :, None]) + across[:, :, None]
    return _Surface(outer, inner, specularity, parts, emitted, own, through, ballistic)


def _kept(ends: Sequence[Absorber | None], problems: Sequence[Problem], radius: float) -> np.ndarray:
    """What electrons keep (batch or 1, 4, 4) at one end of films."""
    if any(end is None for end in ends):
        return np.eye(4)[None]
    square = radius**2
    return np.stack([end.reflected(p.C * square) for end, p in zip(ends, problems, strict=True) if end is not None])


def respond(
    problems: Sequence[Problem],
    d: Directions,
    specularity: tuple[Specularity, Specularity],
    kernels: Kernels,
    torques: bool,
) -> list[Raw]:
    """Sheet conductance of films of one structure, with `torques` also these and the balance (zeros without)."""
    batch, first = len(problems), problems[0]
    sheet = np.zeros((batch, first.elements, 2, 2))
    torque, lattice = np.zeros((batch, len(first.m), 3, 2)), np.zeros((batch, 3, 2))
    worst = np.zeros(batch)
    path = np.array([max(r.path for s in p.segments for r in s.rates) for p in problems])
    size = path.copy()
    for index in range(len(first.segments)):
        driven = drive(problems, index, d, specularity, kernels)
        sheet[:, driven.segments[0].elements] = sheets(driven)
        if not torques:
            continue
        left, current = absorbed(_grounded(driven), [p.C for p in problems], torque, lattice)
        worst, size = np.maximum(worst, left), np.maximum(size, current)
    return [
        Raw(p.C * sheet[b], p.C * torque[b], p.C * lattice[b], float(worst[b] / size[b]), float(path[b]), p.C)
        for b, p in enumerate(problems)
    ]


def absorbed(
    driven: Driven, C: Sequence[float], torque: np.ndarray, lattice: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Add to `torque` (batch, magnets, 3, columns) and `lattice` (batch, 3, columns), over C, where spin ends.

    Returns the largest current that is lost, and the largest current (batch,).
    """
    current = face_currents(driven)
    contacts = [_at_contact(driven, n) for n in range(len(driven.faces.contacts))]
    lost = np.zeros(len(driven.segments))
    for b, segment in enumerate(driven.segments):
        at = [(into_m[b], into_lattice[b]) for into_m, into_lattice in contacts]
        lost[b] = _balance(segment, current[b], at, C[b], torque[b], lattice[b], driven.sinks)
    return lost, np.abs(current).max((1, 2, 3))


def _grounded(driven: Driven) -> Driven:
    """The same with the free constant of h_c such that what is scattered in all layers together has none.

    Nothing flows because of it, but a barrier shares spin between magnetisation and lattice by how many electrons come.
    """
    g = driven.d.flux
    batch, N, faces = driven.entering_mean.shape[:3]
    whole = constants(driven.deep)
    # (batch or 1, N, F, 4): a constant h_c at every face
    one = np.broadcast_to(np.eye(4)[3], (1, N, faces, 4)) if whole is None else whole[..., 3].reshape(-1, N, faces, 4)
    constant = np.broadcast_to((g[:, None, None] * one)[..., None], (batch, N, faces, 4, 1))

    def kept(values: np.ndarray) -> np.ndarray:
        """Charge (batch, columns) of what enters that is scattered."""
        out = np.zeros((batch, values.shape[-1]))
        for n, axes in enumerate(driven.axes):
            passed = cartesian(axes, stacked([k.free for k in driven.kernels[n]]))[:, 3].transpose(0, 2, 1)
            both = values[:, :, 2 * n] + values[:, :, 2 * n + 1]
            out += g @ (both[:, :, 3] - (passed[:, :, None] @ both)[:, :, 0])
        return out

    shift = kept(driven.entering_mean) / kept(constant)

    def shifted(values: np.ndarray) -> np.ndarray:
        middle = (1,) * (values.ndim - 5)
        return np.asarray(values - (constant * shift[:, None, None, None]).reshape(batch, N, *middle, faces, 4, -1))

    return driven._replace(
        entering=shifted(driven.entering),
        leaving=shifted(driven.leaving),
        entering_mean=shifted(driven.entering_mean),
        leaving_mean=shifted(driven.leaving_mean),
    )


def _balance(
    segment: Segment, current: np.ndarray, contacts: list[tuple[np.ndarray, np.ndarray]], C: float,
    torque: np.ndarray, lattice: np.ndarray, sinks: tuple[bool, bool],
) -> float:  # fmt: skip
    """Add where the spin of one segment ends to `torque` and `lattice` (over C); the largest current that is lost.

    current (F, 4, 2) at the faces; contacts: what each gives to the magnetisation and to the lattice; sinks: whether a
    surface takes spin across m.
    """
    left = [*current[:, 3]]
    for k, (absorber, out) in enumerate(zip(segment.ends, (-current[0, :3], current[-1, :3]), strict=True)):
        if absorber is None:
            m = segment.rates[-k].axis
            along = np.outer(m, m @ out) if sinks[k] else out
            left.append(along)
            if sinks[k]:
                torque[segment.layer_magnet[-k]] += out - along
            continue
        into_m, into_sink = absorber.split(C * out)
        torque[absorber.magnet] += into_m / C
        lattice += into_sink / C
    for n, r in enumerate(segment.rates):
        into_m, into_lattice = _relaxed(r, current[2 * n, :3] - current[2 * n + 1, :3])
        if segment.layer_magnet[n] >= 0:
            torque[segment.layer_magnet[n]] += into_m
        lattice += into_lattice
    for n, (magnet, (into_m, into_lattice)) in enumerate(zip(segment.contact_magnet, contacts, strict=True)):
        if magnet >= 0:
            torque[magnet] += into_m
        lattice += into_lattice
        left.append((current[2 * n + 1] - current[2 * n + 2])[:3] - into_m - into_lattice)
    return max(float(np.abs(v).max()) for v in left)


def sheets(driven: Driven) -> np.ndarray:
    """In-plane sheet current of every layer over C (batch, layers, 2, columns), row: its direction."""
    d, batch, columns = driven.d, len(driven.segments), driven.entering.shape[-1]
    out = np.empty((batch, len(driven.axes), 2, columns))
    harmonic = (d.flux[:, None, None] * d.inplane / (2 * len(d.phi))).reshape(-1, 2)
    for n in range(len(driven.axes)):
        rates, deep = [s.rates[n] for s in driven.segments], driven.deep[n]
        faces = slice(2 * n, 2 * n + 2)
        if deep.paths is not None:
            out[:, n] = _resolved_sheet(driven, n, deep)
            continue
        lost = (driven.entering[:, :, :, faces] - driven.leaving[:, :, :, faces]).sum(3)
        first = harmonic.T @ lost.reshape(batch, -1, 4 * columns)
        along = deep.along.transpose(0, 3, 2, 1).reshape(batch, 2, 8)
        out[:, n] = along @ first.reshape(batch, 8, columns)
        if deep.weights.any():
            sums = driven.entering_mean[:, :, faces] + driven.leaving_mean[:, :, faces]
            second = (deep.grade(d) / 2) @ (sums[:, :, 0] - sums[:, :, 1]).reshape(batch, len(d.mu), -1)
            out[:, n] += deep.weights.swapaxes(1, 2) @ second.reshape(batch, 4, columns)
        if driven.in_plane:
            out[:, n] += np.array([r.sheet for r in rates])[:, None, None] * np.eye(2)
    return out


def _resolved_sheet(driven: Driven, n: int, deep: Shifts) -> np.ndarray:
    """Of :func:`sheets`, one layer whose paths differ by direction."""
    d = driven.d
    up, down = deep.both_paths(d)
    entering, leaving = (one[:, :, 0, 2 * n : 2 * n + 2] for one in (driven.entering, driven.leaving))
    lost = np.einsum("bns,bnsj->bnj", up, entering[:, :, 0] - leaving[:, :, 1])
    lost += np.einsum("bns,bnsj->bnj", down, entering[:, :, 1] - leaving[:, :, 0])
    out = np.einsum("na,bnj->baj", d.flux[:, None] * d.inplane[:, 0] / 2, lost)
    if deep.weights.any():
        means = driven.entering_mean[:, :, 2 * n : 2 * n + 2] + driven.leaving_mean[:, :, 2 * n : 2 * n + 2]
        out += deep.weights.swapaxes(1, 2) @ np.einsum(
            "n,bnsj->bsj", deep.grade(d) / 2, means[:, :, 0] - means[:, :, 1]
        )
    if driven.in_plane:
        thickness = np.array([s.rates[n].thickness for s in driven.segments])
        inside = np.einsum("n,na,nc,bn->bac", d.weight, d.inplane[:, 0], d.inplane[:, 0], up[..., 3])
        out += thickness[:, None, None] * inside
    return np.asarray(out)


def face_currents(driven: Driven) -> np.ndarray:
    """<k_z h> (batch, F, 4, columns) at every face, over C of the largest sphere."""
    d = driven.d
    shape = driven.entering_mean.shape
    apart = (driven.entering_mean - driven.leaving_mean).reshape(*shape[:2], -1)
    flux = (d.flux / 2 @ apart).reshape(shape[0], *shape[2:])
    flux[:, 1::2] *= -1
    for n, deep in enumerate(driven.deep if driven.in_plane else ()):
        flux[:, 2 * n : 2 * n + 2] += deep.across[:, None] * (d.flux @ deep.grade(d) if d.several else 1 / 3)
        if deep.paths is not None:
            up, down = deep.both_paths(d)
            flux[:, 2 * n : 2 * n + 2] += np.einsum("n,na,bns->bsa", d.flux**2 / 2, d.inplane[:, 0], up - down)[:, None]
    return np.asarray(flux)


def _relaxed(r: Rates, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The loss (3, 2) of spin current in a layer, split into magnetisation and lattice: rates add up to the loss."""
    along = np.outer(r.axis, r.axis @ lost)
    across = lost - along
    total = r.across - r.across_in - 1j * r.precession
    if total == 0:
        return np.zeros_like(lost), lost
    share = 2 * r.flip / total
    to_lattice = share.real * across + share.imag * np.cross(r.axis, across, axisb=0, axisc=0)
    return across - to_lattice, along + to_lattice


def _at_contact(driven: Driven, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Spin current (batch, 3, columns) over C that an interface gives to the magnetisation and to the lattice."""
    d, batch = driven.d, len(driven.segments)
    part = driven.faces.contacts[n]
    both = slice(2 * n + 1, 2 * n + 3)
    arriving = driven.leaving[:, :, :, both] + driven.bulk_leaving[:, :, :, both]
    arriving = arriving.reshape(*arriving.shape[:3], 8, -1)
    out = []
    for name in ("torque", "lattice"):
        taken = getattr(part.specular, name)
        each = taken.reshape(*taken.shape[:4], 8) @ arriving
        value = (d.flux / 2 @ each.mean(2).reshape(*each.shape[:2], -1)).reshape(batch, 3, -1)
        if part.diffuse is not None:
            flux = (d.flux / 2 @ arriving.mean(2).reshape(*arriving.shape[:2], -1)).reshape(batch, 8, -1)
            taken = getattr(part.diffuse, name)
            value = value + taken.reshape(*taken.shape[:2], 8) @ flux
        if part.projected is not None:
            value = value + getattr(part.projected, name) @ part.projected.collected(arriving) / 2
        out.append(value)
    return out[0], out[1]
