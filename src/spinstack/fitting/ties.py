"""Parameters that follow from others of the same film by arithmetic with units, with exact derivatives.

What may be written, as in ``-s * (4 nm) / Py.thickness``:

- numbers: ``0.5``, ``1e-3``;
- quantities, in brackets or quotes: ``(4 nm)``, ``'20 uOhm cm'``, ``(5 %)``;
- paths: ``Py.thickness``, ``Pt|Co.mixing_conductance.real``, ``Pt[0].thickness``, ``RuO2.spin_splitter[y,x]``; quoted
  where a name has other signs than letters, digits and ``_``: ``'my layer.thickness'``;
- names of unknowns that are no parameter of a film: ``s``;
- ``+ - * /``, ``**`` or ``^`` for powers, brackets, ``sqrt exp log abs``.

Sums are of one dimension, exponents and what ``exp`` and ``log`` take are pure numbers, and the result has the
dimension of the parameter. Nothing is ever executed: the text becomes a tree of these and nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.stack import Film, ParameterError
from spinstack.stack.laws import Law
from spinstack.stack.parameters import Specification, checked
from spinstack.stack.places import Place
from spinstack.text import checks
from spinstack.text.errors import Problems, near_names
from spinstack.text.units import Dimension, dimension_of, dimension_words, parse_any_quantity, product

#: characters of an expression, and operations inside of each other
LONGEST, DEEPEST = 500, 50

_DIGITS = r"(?>(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_WORD = r"[^\W\d]\w*"
_TOKEN = re.compile(
    rf"(?P<blank>\s+)|(?P<quoted>'[^']*'|\"[^\"]*\")|(?P<number>{_DIGITS})"
    rf"|(?P<path>{_WORD}(?:\|\w+)?(?:\[-?\d+\])?(?:\.\w+)+(?:\[ *[xyz] *, *[xy] *\])?)"
    rf"|(?P<function>{_WORD})(?=\s*\()|(?P<name>{_WORD})|(?P<sign>\*\*|[-+*/^()])"
)
# what begins like a quantity: a number, then something that no operator begins
_QUANTITY = re.compile(rf"\s*[+-]?\s*{_DIGITS}\s*(?P<unit>[^\s*/^+-].*)", re.DOTALL)
_ALLOWED = (
    "numbers, quantities such as (4 nm), paths such as Py.thickness or 'my layer.thickness', names of unknowns, "
    "+ - * / **, brackets, sqrt, exp, log, abs"
)


@dataclass(frozen=True, eq=False)
class Dual:
    """A number, or one for each of some films, and its derivatives (varied,) or (varied, films); 0.0 of a constant."""

    value: Any
    slopes: Any = 0.0

    @property
    def constant(self) -> bool:
        return isinstance(self.slopes, float)


def _times(a: Dual, b: Dual) -> Dual:
    return Dual(a.value * b.value, a.slopes * b.value + a.value * b.slopes)


def _over(a: Dual, b: Dual) -> Dual:
    value = a.value / b.value
    return Dual(value, (a.slopes - value * b.slopes) / b.value)


def _power(a: Dual, b: Dual) -> Dual:
    value, slopes = a.value**b.value, 0.0
    if not a.constant:
        xp = array_module(a.value, b.value)
        slopes = slopes + xp.where(b.value != 0, b.value * a.value ** (b.value - 1), 0.0) * a.slopes
    if not b.constant:  # of 0**b all derivatives by b are 0
        slopes = slopes + np.where(value != 0, value * np.log(a.value), 0.0) * b.slopes
    return Dual(value, slopes)


def _function(value: Callable[[Any], Any], slope: Callable[[Any, Any], Any]) -> Callable[[Dual], Dual]:
    """A function of one number by its value y(x) and derivative (x, y)."""

    def rule(a: Dual) -> Dual:
        y = value(a.value)
        return Dual(y, slope(a.value, y) * a.slopes)

    return rule


_OPERATIONS: dict[str, Callable[..., Dual]] = {
    "+": lambda a, b: Dual(a.value + b.value, a.slopes + b.slopes),
    "-": lambda a, b: Dual(a.value - b.value, a.slopes - b.slopes),
    "*": _times,
    "/": _over,
    "**": _power,
    "negative": lambda a: Dual(-a.value, -a.slopes),
    "sqrt": _function(lambda x: array_module(x).sqrt(x), lambda x, y: 0.5 / y),
    "exp": _function(lambda x: array_module(x).exp(x), lambda x, y: y),
    "log": _function(lambda x: array_module(x).log(x), lambda x, y: 1 / x),
    "abs": _function(abs, lambda x, y: np.sign(x)),
}
FUNCTIONS = ("sqrt", "exp", "log", "abs")
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}


class _Node(NamedTuple):
    """An operation on others, or (of none) a quantity or a name without value; `at` is its character, from 0."""

    does: str
    at: int
    of: tuple[_Node, ...] = ()
    value: Any = None
    dimension: Dimension = ()


class Expression:
    """Arithmetic with units; see the head of this file for what may be written.

    Attributes:
        text: as it was written.
        names: the paths and names of unknowns in it, each once.

    Raises:
        ParameterError: about the field `equals`, with the character (from 1) of what is not allowed.
    """

    def __init__(self, text: Any) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ParameterError(field="equals", got=text, allowed=_ALLOWED)
        self.text = text
        if len(text) > LONGEST:
            why = f"which is {len(text)} characters long"
            raise ParameterError(why, field="equals", got=text, allowed=f"at most {LONGEST} characters")
        self._leaves: list[_Node] = []
        written, origin = self._replaced()
        try:
            body = ast.parse(written, mode="eval").body
        except (SyntaxError, RecursionError, MemoryError) as error:
            offset = getattr(error, "offset", None) or len(origin)
            self._refuse("with no value", origin[min(offset, len(origin)) - 1])
        self._root = self._node(body, origin, 1)
        self.names = tuple(dict.fromkeys(leaf.does for leaf in self._leaves if leaf.value is None))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __call__(self, values: Mapping[str, Dual]) -> Dual:
        """Value and derivatives, where every name has a value; not finite where there is none."""

        with np.errstate(all="ignore"):
            return _evaluated(self._root, values)

    def value_and_derivatives(self, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """The value [SI], and its derivative by every name, where each has the value of the mapping [SI]."""
        rows = np.eye(len(self.names))
        found = self({n: Dual(np.float64(values[n]), row) for n, row in zip(self.names, rows, strict=True)})
        slopes = np.broadcast_to(found.slopes, (len(self.names),))
        return float(found.value), dict(zip(self.names, slopes.tolist(), strict=True))

    def dimension(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        """The dimension of the value, where every name has one; ParameterError where quantities do not fit."""
        return self._dimension(self._root, dimensions)

    def _dimension(self, node: _Node, known: Mapping[str, Dimension]) -> Dimension:
        if not node.of:
            return known[node.does] if node.value is None else node.dimension
        first, *rest = (self._dimension(one, known) for one in node.of)
        if node.does in "+-" and first != rest[0]:
            units = f"{dimension_words(first)} and {dimension_words(rest[0])}"
            self._refuse(f"which {'adds' if node.does == '+' else 'subtracts'} {units}", node.at)
        if node.does in "*/":
            return product(first, rest[0], Fraction(1 if node.does == "*" else -1))
        if node.does == "sqrt":
            return product((), first, Fraction(1, 2))
        if node.does == "**":
            if rest[0]:
                self._refuse(f"with an exponent in {dimension_words(rest[0])}", node.of[1].at)
            return product((), first, self._exponent(node.of[1])) if first else ()
        if node.does in ("exp", "log") and first:
            self._refuse(f"with {node.does} of {dimension_words(first)} instead of a pure number", node.at)
        return first

    def _exponent(self, node: _Node) -> Fraction:
        """What raises a quantity with a unit, which has to be a constant, or the unit would not be one."""
        if not _is_constant(node):
            self._refuse("with a quantity that has a unit to a power that is no constant", node.at)
        with np.errstate(all="ignore"):
            value = float(_evaluated(node, {}).value)
        if not abs(value) <= 100 or abs(value - (near := Fraction(value).limit_denominator(100))) > 1e-12:
            self._refuse("with a quantity that has a unit to a power that is no simple fraction", node.at)
        return near

    def _replaced(self) -> tuple[str, list[int]]:
        """The text with v0, v1, ... for what Python cannot read, and for every character its place in the original."""
        text, out, at, after_value = self.text.replace("−", "-"), "", 0, False
        origin: list[int] = []
        opened: list[int] = []
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                self._refuse(f"with {text[at]!r}", at)
            kind, piece, end = str(token.lastgroup), token[0], token.end()
            close = _closing(text, at) if piece == "(" else 0
            if kind == "sign" and close and _QUANTITY.fullmatch(text[at + 1 : close]):
                kind, end = "quoted", close + 1
                piece = f"({self._leaf(text[at + 1 : close], at)})"
            elif kind == "quoted":
                piece = self._quoted(piece[1:-1], at)
            elif kind == "number":
                if re.match(r"\s*[^\W\d]|\s*[°%]", text[end:]):
                    remedy = "Write a quantity as (4 nm), a product with *."
                    self._refuse("with a number and what may be its unit", at, remedy)
                piece = self._leaf(piece, at)
            elif kind in ("path", "name"):
                piece = self._named(piece, at)
            elif kind == "function" and piece not in FUNCTIONS:
                self._refuse(f"with {piece!r} before a bracket", at, "Write a product with *.")
            elif piece == "^":
                piece = "**"
            if kind != "blank":
                begins = kind != "sign" or piece == "("
                if begins and after_value:
                    self._refuse("with no operator", at, "Write a product with *.")
                after_value = kind not in ("sign", "function") or piece == ")"
            if piece == "(":
                opened.append(at)
            elif piece == ")" and not opened:
                self._refuse("with a bracket that closes none", at)
            elif piece == ")":
                opened.pop()
            piece += " "  # two signs must not become a third
            out, origin, at = out + piece, origin + [at] * len(piece), end
        if opened:
            self._refuse("with a bracket that is not closed", opened[-1])
        lead = len(out) - len(out.lstrip())  # which Python would take for an indent
        return out[lead:], origin[lead:]

    def _quoted(self, content: str, at: int) -> str:
        unit = _QUANTITY.fullmatch(content)
        if unit is not None and not re.search(r"\.[^\W\d]", unit["unit"]):  # "2DEG.thickness" is a path
            return self._leaf(content, at)
        return self._named(content.strip(), at)

    def _leaf(self, quantity: str, at: int) -> str:
        try:
            value, dimension = parse_any_quantity(quantity)
        except ParameterError as error:
            remedy = error.remedy
            if not remedy and re.search(r"[-+*/]\s|\.[^\W\d]", quantity):
                remedy = "Give every quantity its own brackets, as in (4 nm) / Py.thickness."
            self._refuse(f"with {quantity.strip()!r}, {error.why},", at, remedy)
        return self._kept(_Node("quantity", at, value=np.float64(value), dimension=dimension))

    def _named(self, name: str, at: int) -> str:
        if not name:
            self._refuse("with an empty name", at)
        return self._kept(_Node(name, at))

    def _kept(self, leaf: _Node) -> str:
        self._leaves.append(leaf)
        return f"v{len(self._leaves) - 1}"

    def _node(self, node: ast.AST, origin: list[int], depth: int) -> _Node:
        at = origin[getattr(node, "col_offset", 0)]
        if depth > DEEPEST:
            self._refuse(f"with more than {DEEPEST} operations inside of each other", at)
        match node:
            case ast.Name(id=name) if name[1:].isdigit():
                return self._leaves[int(name[1:])]
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._node(inner, origin, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _Node("negative", at, (self._node(inner, origin, depth + 1),))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                of = self._node(left, origin, depth + 1), self._node(right, origin, depth + 1)
                return _Node(_SIGNS[type(op)], of[1].at, of)
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
                return _Node(name, at, (self._node(inner, origin, depth + 1),))
        self._refuse("with no value", at)

    def _refuse(self, why: str, at: int, remedy: str = "") -> NoReturn:
        why = f"{why} at character {at + 1}"
        raise ParameterError(why, field="equals", got=self.text, allowed=_ALLOWED, remedy=remedy)


def _evaluated(node: _Node, values: Mapping[str, Dual]) -> Dual:
    if node.of:
        of = [_evaluated(one, values) for one in node.of]
        found = _OPERATIONS[node.does](*of)
        return Dual(found.value) if all(one.constant for one in of) else found  # 0 times inf is no derivative
    return values[node.does] if node.value is None else Dual(node.value)


def _is_constant(node: _Node) -> bool:
    return all(map(_is_constant, node.of)) if node.of else node.value is not None


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; 0 where it does not."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return 0


@dataclass(frozen=True)
class Tie:
    """A parameter that follows from others of the same film.

    Args:
        path: of the parameter, such as "Py.size_effect_ratio".
        equals: arithmetic with units, such as "-s * (4 nm) / Py.thickness" with an unknown named s, or
            "0.5 * RuO2.spin_hall_angle"; the head of the file ties.py says what may be written.
        samples: names of those in which it holds; by default all whose film has the parameter.
    """

    path: str
    equals: str
    samples: Sequence[str] = ()

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            Place.of(self.path)
        with problems:
            _ = self.expression
        with problems:
            object.__setattr__(self, "samples", checks.names(self.samples, "samples", where=str(self.path)))
        problems.end()

    @cached_property
    def expression(self) -> Expression:
        """What it equals."""
        try:
            return Expression(self.equals)
        except ParameterError as error:
            raise error.with_fields(where=str(self.path)) from None

    def holds(self, sample: str, film: Film) -> bool:
        """Whether it does in a sample of this name and film."""
        return self.path in film and (not self.samples or sample in self.samples)


class Tied(NamedTuple):
    """A tie in one sample, or in some that are alike: what is declared of the parameter, and where values come from.

    In alike samples `unknown` and `fixed` have arrays over them.
    """

    tie: Tie
    specification: Specification
    unknown: dict[str, Any]  # name -> coordinate
    tied: dict[str, str]  # name -> path of another tie
    fixed: dict[str, Any]  # name -> value in the film

    def refused(self, why: str, **fields: Any) -> ParameterError:
        return ParameterError(why, where=self.tie.path, field="equals", got=self.tie.equals, **fields)


def in_sample(
    ties: Sequence[Tie], film: Film, unknowns: Mapping[str, int], free: Mapping[str, str], problems: Problems
) -> tuple[Tied, ...]:
    """The ties that hold in a sample, each behind those that it needs; what is wrong goes to `problems`.

    Args:
        ties: those that hold in it.
        film: its film.
        unknowns: path or name -> coordinate, of those that belong to it.
        free: name -> unit, of every unknown that is no parameter of a film.
        problems: keeps all that is wrong.
    """
    own, by_path = Problems(), {}
    for n in range(len(ties)):
        with own:
            by_path[ties[n].path] = _resolved(ties, n, film, unknowns, free)
    with problems:
        own.end()
        ordered: list[Tied] = []
        for one in by_path.values():
            _put(one, by_path, ordered, [])
        constant: dict[str, Tied] = {}  # which are right or wrong already
        for one in ordered:
            if not one.unknown and set(one.tied.values()) <= set(constant):
                constant[one.tie.path] = one
        evaluate(tuple(constant.values()), _no_number)
        return tuple(ordered)
    return ()


def alike(by_sample: Mapping[int, tuple[Tied, ...]]) -> list[tuple[tuple[int, ...], tuple[Tied, ...]]]:
    """Samples whose ties are evaluated together, and these ties with arrays over them."""
    groups: dict[Any, list[int]] = {}
    for i, ties in by_sample.items():
        kinds = [(t.specification.low, t.specification.high, *t.unknown, None, *t.tied.values(), None, *t.fixed)
                 for t in ties]  # fmt: skip
        groups.setdefault((tuple(t.tie for t in ties), tuple(kinds)), []).append(i)
    out = []
    for members in groups.values():
        steps = zip(*(by_sample[i] for i in members), strict=True)
        merged = tuple(
            first._replace(
                unknown={name: np.array([t.unknown[name] for t in (first, *rest)]) for name in first.unknown},
                fixed={name: np.array([t.fixed[name] for t in (first, *rest)]) for name in first.fixed},
            )
            for first, *rest in steps
        )
        out.append((tuple(members), merged))
    return out


def evaluate(
    tied: Sequence[Tied], number: Callable[[np.ndarray], Dual], allowed: list[Any] | None = None
) -> dict[str, Dual]:
    """Path -> values (points, samples) and derivatives by the coordinates (size, points, samples), of alike samples.

    Args:
        tied: of those samples, see :func:`alike`.
        number: from the indices (samples,) of unknowns to their values and derivatives.
        allowed: to which arrays (points,) are appended, False where a value is none that its parameter may have;
            without it that raises.

    Raises:
        ParameterError: a value outside of the range of its parameter, or one that is not finite or has no derivatives.
    """
    out: dict[str, Dual] = {}
    for one in tied:
        values = {name: Dual(value[None] if np.ndim(value) else value) for name, value in one.fixed.items()}
        values |= {name: number(n) for name, n in one.unknown.items()}
        values |= {name: out[path] for name, path in one.tied.items()}
        found = one.tie.expression(values)
        if allowed is None:
            _check(one, found, values)
        else:
            allowed.append(_inside(one.specification, found).all(axis=-1))
        out[one.tie.path] = found
    return out


def _inside(spec: Specification, found: Dual) -> Any:
    """Where a tied value is finite, has derivatives and is within the range of its parameter."""
    xp = array_module(found.value)
    value, slopes = xp.atleast_1d(found.value), xp.asarray(found.slopes)
    with np.errstate(invalid="ignore"):
        low = spec.low is None or (value > spec.low) | ((value == spec.low) & (not spec.open_low))
        high = spec.high is None or (value < spec.high) | ((value == spec.high) & (not spec.open_high))
    smooth = xp.isfinite(slopes) if slopes.ndim == 0 else xp.isfinite(slopes).all(axis=0)
    return xp.isfinite(value) & smooth & low & high


def _check(one: Tied, found: Dual, values: Mapping[str, Dual]) -> None:
    """Raise :class:`ParameterError` where a tied value may not be so, about the first of the samples."""
    spec, value = one.specification, np.atleast_1d(found.value)
    slopes = np.asarray(found.slopes)
    finite = np.isfinite(value) & (np.isfinite(slopes).all(axis=0) if slopes.ndim else np.isfinite(slopes))
    if not finite.all():
        at = np.unravel_index(int(np.argmin(finite)), finite.shape)
        why = "which has no finite derivatives" if np.isfinite(value[at]) else "which is no finite number"
        told = ", ".join(f"{name} = {np.broadcast_to(v.value, finite.shape)[at]:g}" for name, v in values.items())
        raise one.refused(f"{why} where {told}" if told else why)
    for worst, inside in ((value.min(), spec.low is None or value.min() > spec.low),
                          (value.max(), spec.high is None or value.max() < spec.high)):  # fmt: skip
        if not inside:
            checked(one.tie.path, "", float(worst), spec)


def _no_number(n: np.ndarray) -> Dual:
    raise AssertionError("a constant has no unknowns")


def _resolved(ties: Sequence[Tie], n: int, film: Film, unknowns: Mapping[str, int], free: Mapping[str, str]) -> Tied:
    """Where the values of the n-th of the `ties` of a film come from."""
    tie = ties[n]
    one = Tied(tie, film.specification(tie.path), {}, {}, {})
    number_at(film, tie.path)
    target, problems = places(film, tie.path), Problems()
    sources = {path: places(film, path) for path in [*unknowns, *(other.path for other in ties)] if "." in path}
    for path, moved in sources.items():
        if path in unknowns and target & moved:
            with problems:
                why = "which is an unknown, too" if path == tie.path else f"which the unknown {path} is, too"
                raise ParameterError(why, field="ties", got=tie.path, remedy="Leave one of them out.")
    for other in ties[:n]:
        if target & places(film, other.path):
            with problems:
                why = "twice" if tie.path == other.path else f"which the tie of {other.path} gives, too"
                raise ParameterError(why, field="ties", got=tie.path, remedy="Leave one of them out.")
    dimensions: dict[str, Dimension] = {}
    for name in tie.expression.names:
        with problems:
            if "." not in name:
                if name not in free:
                    remedy = near_names(name, free) + f"Give Unknown({name!r}, ...), or a path such as Py.thickness."
                    raise one.refused(f"with {name!r}, which is no unknown", remedy=remedy)
                dimensions[name] = dimension_of(free[name])
                one.unknown[name] = unknowns.get(name, -1)  # one that is wrong itself has no coordinate
                continue
            try:
                dimensions[name] = dimension_of(film.specification(name).unit)
                value = number_at(film, name)
            except ParameterError as error:
                raise one.refused(f"with {name!r}, which the film does not give", remedy=str(error)) from None
            source = _source(places(film, name), sources)
            if source is None:
                one.fixed[name] = value
            elif source == "":
                raise one.refused(f"with {name!r}, of which an unknown or a tie moves a part", remedy="Name that part.")
            elif source in unknowns:
                one.unknown[name] = unknowns[source]
            else:
                one.tied[name] = source
    problems.end()
    has, wanted = tie.expression.dimension(dimensions), dimension_of(one.specification.unit)
    if has != wanted:
        raise one.refused(f"which is in {dimension_words(has)}", allowed=f"what is in {dimension_words(wanted)}")
    return one


def _source(wanted: set[Any], sources: Mapping[str, set[Any]]) -> str | None:
    """The path that gives the value of the numbers `wanted`; "" where one gives some of them, None where none does."""
    for path, moved in sources.items():
        if wanted & moved:  # of a repeated element any one has the value of all, of a tensor no component has
            whole = wanted <= moved and {place[1:] for place in wanted} == {place[1:] for place in moved}
            return path if whole else ""
    return None


def _put(one: Tied, by_path: Mapping[str, Tied], ordered: list[Tied], above: list[str]) -> None:
    """Append a tie to `ordered` behind those that it needs; `above` are those that need it."""
    chain = [*above, one.tie.path]
    if one.tie.path in above:
        why = f"which goes round in a circle: {' needs '.join(chain)}"
        raise ParameterError(why, field="ties", got=one.tie.path, remedy="Leave one of them out.")
    if one in ordered:
        return
    for path in one.tied.values():
        _put(by_path[path], by_path, ordered, chain)
    ordered.append(one)


def number_at(film: Film, path: str) -> float:
    """The one real number at a path of a film; what was left out by its default."""
    found, place, spec = film.resolve(path)
    if spec.kind == "complex":
        raise ParameterError("which is complex", field="path", got=path, remedy=f"Give {path}.real or {path}.imag.")
    value = film.get(path)
    if isinstance(value, Law):
        inside = ", ".join(f"{path}.{name}" for name in value.declared())
        raise ParameterError("which follows a law", field="path", got=path, remedy=f"Its numbers: {inside}.")
    if value is None:
        value = film.elements[found[0]].numbers().get(place.field)
        value = value[1, 0] if spec.kind == "angle" and value is not None else value
    if value is None:
        raise ParameterError("which has no value in the film", field="path", got=path, remedy="Give it one there.")
    if np.ndim(value):
        remedy = f"Name its components, such as '{path.removesuffix('[:,:]')}[y,x]'."
        raise ParameterError("which is a tensor", field="path", got=path, remedy=remedy)
    return float(value)


def places(film: Film, path: str) -> set[Any]:
    """The numbers of a film that a path names: position of the element, parameter, part or component."""
    found, place, _ = film.resolve(path)
    return {(i, place.field, n) for i in found for n in place.numbers(film.elements[i].addressed()[place.field])}
