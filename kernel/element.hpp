// The affine element (circuit/element.py): a layer, an interface or a given one, with D drives (2: in the plane; 3: and j_c).
#pragma once
#include "law.hpp"

namespace {

// Both through-admittances of every element are the same. What an element does not have is of Zero.
template <int D, class Th, class L, class U, class LS, class US, class Ac, class LR, class UR, class Di> struct Element {
    Mat<Th, 3, 3> through;
    Mat<L, 3, 3> lower_shunt;
    Mat<U, 3, 3> upper_shunt;
    Mat<LS, 3, D> lower_source;
    Mat<US, 3, D> upper_source;
    Mat<Ac, D, 3> across;
    Mat<LR, D, 3> lower_response;
    Mat<UR, D, 3> upper_response;
    Mat<Di, D, D> direct;
    template <class E> INLINE operator E() const {
        return {through, lower_shunt, upper_shunt, lower_source, upper_source, across, lower_response, upper_response, direct};
    }
};
// What follows the lower potential, `through`, and what follows the upper one
template <int D, class... X> INLINE const auto &upper_through(const Element<D, X...> &e) { return e.through; }
template <int D, class Th, class L, class U, class LS, class US, class Ac, class LR, class UR, class Di>
Element(Mat<Th, 3, 3>, Mat<L, 3, 3>, Mat<U, 3, 3>, Mat<LS, 3, D>, Mat<US, 3, D>, Mat<Ac, D, 3>, Mat<LR, D, 3>, Mat<UR, D, 3>, Mat<Di, D, D>)
    -> Element<D, Th, L, U, LS, US, Ac, LR, UR, Di>;
template <class T, int D> using Whole = Element<D, T, T, T, T, T, T, T, T, T>;

// What a charge current along z drives, and is answered by
template <class E> INLINE auto along_z(const E &e) {
    auto last_column = [](const auto &a) HERE { return make<3, 1>([&](int i, int) HERE { return a(i, 2); }); };
    auto last_row = [](const auto &a) HERE { return make<1, 3>([&](int, int j) HERE { return a(2, j); }); };
    return Element{e.through, e.lower_shunt, e.upper_shunt, last_column(e.lower_source), last_column(e.upper_source), last_row(e.across),
                   last_row(e.lower_response), last_row(e.upper_response), make<1, 1>([&](int, int) HERE { return e.direct(2, 2); })};
}

// Spin current that ends in a magnetisation, by the potentials at the two faces and the field
template <class A, class B, class C> struct Torque {
    Mat<A, 3, 3> lower;
    Mat<B, 3, 3> upper;
    Mat<C, 3, 2> source;
    template <class E> INLINE operator E() const { return {lower, upper, source}; }
};
template <class A, class B, class C> Torque(Mat<A, 3, 3>, Mat<B, 3, 3>, Mat<C, 3, 2>) -> Torque<A, B, C>;

template <class L, class T> INLINE auto precession_rate(const L &l, const T &t2) {
    auto h2 = dot(l.precession, l.precession);
    auto floor = 1e-10 / t2;
    auto least = floor * floor;
    return root(select(value(h2) < value(least), least, h2));
}

// The part of the transverse spin loss that ends in the magnetisation, (k2 - k2_spin_flip)/k2
template <class L> INLINE auto torque_fraction(const L &l) {
    auto real = l.k2_transverse;
    auto part = [&](const auto &h2) HERE {
        auto size = real * real + h2;
        auto divisor = select(value(size) == 0.0, splat(1.0), size);
        return Axis(l.axis).about(Zero{}, (real * (real - l.k2_spin_flip) + h2) / divisor, l.k2_spin_flip / divisor, l.precession);
    };
    return part(dot(l.precession, l.precession));
}

// A matrix about an axis: along it, across it, and psi -> psi x w
template <class A, class B, class C> struct Rates {
    A along;
    B across;
    C turn;
};
template <class A, class B, class C> Rates(A, B, C) -> Rates<A, B, C>;
template <class A, class B> struct LayerRates {
    A through;
    B shunt;
};
template <class A, class B> LayerRates(A, B) -> LayerRates<A, B>;
template <class L, class T> INLINE auto rates(const L &l, const T &t) {
    auto t2 = t * t;
    auto per_t = 1.0 / t;
    auto K_a = l.longitudinal * per_t;
    auto a = admittances(l.k2_longitudinal * t2);
    auto through = K_a * a.through, shunt = K_a * a.shunt;
    if constexpr (L::isotropic)
        return LayerRates{Rates{through, through, Zero{}}, Rates{shunt, shunt, Zero{}}};
    else {
        auto K_t = l.transverse * per_t;
        auto h = precession_rate(l, t2);
        auto per_h = K_t / h;
        auto c = complex_admittances(l.k2_transverse * t2, h * t2);
        return LayerRates{Rates{through, K_t * c.through.re, per_h * c.through.im}, Rates{shunt, K_t * c.shunt.re, per_h * c.shunt.im}};
    }
}

template <class R, class A, class W> INLINE auto about(const R &r, const Axis<A> &axis, const Vec<W> &w) {
    if constexpr (is_zero<decltype(r.turn)>) return make<3, 3>([&](int i, int j) HERE { return i == j ? r.along : decltype(r.along){}; });
    else return axis.about(r.along, r.across, r.turn, w);
}

// What drives a layer, and what answers
template <class A, class B, class C> struct LayerDrives {
    A source;
    B across;
    C direct;
};
template <class A, class B, class C> LayerDrives(A, B, C) -> LayerDrives<A, B, C>;
template <int D, class L, class T> INLINE auto layer_drives(const L &l, const T &t) {
    auto source = l.source();
    auto inverse = l.inverse();
    auto direct = t * l.inplane;
    if constexpr (D == 2)
        return LayerDrives{source, inverse, direct};
    else {
        auto polarized = l.polarization * column(l.axis);
        auto all = beside(source, polarized);
        auto resistance = t / l.charge;
        auto ohmic = Mat<decltype(resistance), 1, 1>{{{resistance}}};
        auto drives = above(beside(direct, t * l.charge_inverse), beside(-(t * l.charge_source), ohmic));
        return LayerDrives{all, above(inverse, -transpose(polarized)), drives};
    }
}

// The element of a layer (circuit/layer.py)
template <int D, class L, class T> INLINE auto layer(const L &l, const T &t) {
    auto found = rates(l, t);
    Axis axis(l.axis);
    auto through = about(found.through, axis, l.precession), shunt = about(found.shunt, axis, l.precession);
    auto [source, across, direct] = layer_drives<D>(l, t);
    return Element{through, shunt, shunt, source, source, across, Mat<Zero, D, 3>{}, Mat<Zero, D, 3>{}, direct};
}
template <class L, class S> INLINE auto layer_torque(const L &l, const S &shunt) {
    auto torque = torque_fraction(l) * shunt;
    return Torque{torque, torque, Mat<Zero, 3, 2>{}};
}

// The numbers of an interface beside its direction (circuit/interface.py)
template <class Th, class L, class U, class A, class B, class C, class E, class W, class S, class T, class G, class M> struct InterfaceNumbers {
    Th through;
    L lower;
    U upper;
    A low;
    B low_turned;
    C high;
    E high_turned;
    W weight;
    S sheet;
    T per_total;
    G gamma;
    M magnetic;
};
template <class Th, class L, class U, class A, class B, class C, class E, class W, class S, class T, class G, class M>
InterfaceNumbers(Th, L, U, A, B, C, E, W, S, T, G, M) -> InterfaceNumbers<Th, L, U, A, B, C, E, W, S, T, G, M>;
template <class Reader> INLINE auto interface_numbers(const Reader &r, int row) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    auto up = c(is<I_CONDUCTANCE_UP>);
    auto down = c(is<I_CONDUCTANCE_DOWN>);
    auto total = up + down;
    auto per_total = 1.0 / total;
    auto loss = c(is<I_SPIN_MEMORY_LOSS>);
    auto G4 = 4.0 * (up * down) * per_total;
    using T = decltype(G4 * loss);
    T through = as<T>(G4), shunt{};
    if (any(value(loss) != 0.0)) {
        auto a = admittances(loss * loss);
        through = G4 * a.through, shunt = G4 * a.shunt;
    }
    auto magnetic = c(is<I_MAGNETIC>);
    auto other = 1.0 - magnetic, twice = 2.0 * magnetic;
    auto Gr = c(is<I_TRANSMITTED_REAL>);
    auto Gi = c(is<I_TRANSMITTED_IMAG>);
    auto edelstein = c(is<I_RASHBA_EDELSTEIN>) * 0.5;
    auto losses = [&](auto real, auto imag) HERE { return Rates{shunt, twice * (c(real) - Gr) + other * shunt, twice * (c(imag) - Gi)}; };
    return InterfaceNumbers{Rates{through, twice * Gr + other * through, twice * Gi},
                            losses(is<I_MIXING_REAL>, is<I_MIXING_IMAG>),
                            losses(is<I_MIXING_UPPER_REAL>, is<I_MIXING_UPPER_IMAG>),
                            c(is<I_FILTERING>) - edelstein,
                            c(is<I_PRECESSION>),
                            c(is<I_FILTERING_UPPER>) + edelstein,
                            c(is<I_PRECESSION_UPPER>),
                            c(is<I_RECIPROCAL>),
                            c(is<I_SHEET_CONDUCTANCE>),
                            per_total,
                            (up - down) * per_total,
                            magnetic};
}

// z x E of both drives, seen from frame R, and m x (z x E)
INLINE Mat<V, 3, 2> crossed(const Mat<V, 3, 3> &R) {
    return make<3, 2>([&](int i, int j) HERE { return j == 0 ? R(i, 1) : -R(i, 0); });
}
template <class T, class X> INLINE auto crossed(const Vec<T> &m, const Mat<X, 3, 2> &Z) {
    return make<3, 2>([&](int i, int j) HERE {
        const int k = (i + 1) % 3, o = (i + 2) % 3;
        return m[k] * Z(o, j) - m[o] * Z(k, j);
    });
}

// The element of an interface with direction m seen from frame R
template <int D, class N, class M> INLINE auto interface(const N &n, const Vec<M> &m, const Mat<V, 3, 3> &R) {
    Axis axis(m);
    auto Z = crossed(R);
    auto mZ = crossed(m, Z);
    auto low = n.low * Z;
    auto high = n.high * Z;
    auto low_turned = n.low_turned * mZ;
    auto high_turned = n.high_turned * mZ;
    auto lower = low + low_turned;
    auto upper = high + high_turned;
    auto upper_inverse = n.weight * transpose(high - high_turned);
    auto response = upper_inverse - n.weight * transpose(low - low_turned);
    auto through = about(n.through, axis, m);
    auto below = about(n.lower, axis, m);
    auto beyond = about(n.upper, axis, m);
    using S = decltype(n.sheet);
    if constexpr (D == 2) {
        auto direct = make<2, 2>([&](int i, int j) HERE { return i == j ? n.sheet : S{}; });
        return Element{through, below, beyond, lower, upper, -upper_inverse, response, Mat<Zero, D, 3>{}, direct};
    } else {
        auto polarized = n.gamma * column(m);
        using T = decltype(n.sheet + n.per_total);
        auto direct = make<3, 3>([&](int i, int j) HERE { return i != j ? T{} : i == 2 ? as<T>(n.per_total) : as<T>(n.sheet); });
        return Element{through, below, beyond, beside(lower, polarized), beside(upper, polarized), above(-upper_inverse, -transpose(polarized)),
                       above(response, Mat<Zero, 1, 3>{}), Mat<Zero, D, 3>{}, direct};
    }
}
template <class N, class M> INLINE auto interface_torque(const N &n, const Vec<M> &m) {
    Axis axis(m);
    auto taken = [&](const auto &x) HERE { return axis.about(Zero{}, n.magnetic * x.across, n.magnetic * x.turn, m); };
    return Torque{taken(n.lower), taken(n.upper), Mat<Zero, 3, 2>{}};
}

// What the face of an insulator takes up: in all and into its magnetisation
template <class A, class B> struct Sink {
    Mat<A, 3, 3> shunt;
    Mat<B, 3, 3> torque;
};
template <class A, class B> Sink(Mat<A, 3, 3>, Mat<B, 3, 3>) -> Sink<A, B>;
template <class Reader> INLINE auto insulator(const Reader &r, int row, const Mat<V, 3, 3> &R) {
    auto m = R * r.m(INSULATOR, row);
    auto torque = Axis(m).about(Zero{}, 2.0 * r.column(is<S_MIXING_REAL>, row), 2.0 * r.column(is<S_MIXING_IMAG>, row), m);
    auto sink = 2.0 * r.column(is<S_SINK>, row);
    using T = decltype(torque(0, 0) + sink);
    return Sink{make<3, 3>([&](int i, int j) HERE { return i == j ? as<T>(torque(i, j) + sink) : as<T>(torque(i, j)); }), torque};
}

// An element whose arrays come from outside, spin along x, y, z; get(column): one of them
template <int D, class F> INLINE auto given(F get, const Mat<V, 3, 3> &R) {
    Mat<V, 3, 3> back = transpose(R);
    auto both = [&](int column) HERE { return R * get(column) * back; };
    auto rows = [&](int column) HERE { auto a = R * get(column); return make<3, D>([&](int i, int j) HERE { return a(i, j); }); };
    auto columns = [&](int column) HERE { auto a = get(column) * back; return make<D, 3>([&](int i, int j) HERE { return a(i, j); }); };
    auto d = get(G_DIRECT);
    return Element{both(G_THROUGH), both(G_LOWER_SHUNT), both(G_UPPER_SHUNT), rows(G_LOWER_SOURCE), rows(G_UPPER_SOURCE), columns(G_ACROSS),
                   columns(G_LOWER_RESPONSE), columns(G_UPPER_RESPONSE), make<D, D>([&](int i, int j) HERE { return d(i, j); })};
}
template <class F> INLINE auto given_torque(F get, const Mat<V, 3, 3> &R) {
    Mat<V, 3, 3> back = transpose(R);
    auto s = R * get(G_TORQUE_SOURCE);
    return Torque{R * get(G_LOWER_TORQUE) * back, R * get(G_UPPER_TORQUE) * back, make<3, 2>([&](int i, int j) HERE { return s(i, j); })};
}

// The columns of the field
template <class A, class B, int R, int D> INLINE auto driven(const Mat<A, R, D> &a, const Mat<B, 2, 1> &field) {
    return make<R, 1>([&](int i, int) HERE { return a(i, 0) * field(0, 0) + a(i, 1) * field(1, 0); });
}
// Spin current into an element, out of it, and its responses, in a field
template <class A, class B, class C> struct Currents {
    A into;
    B out;
    C responses;
};
template <class A, class B, class C> Currents(A, B, C) -> Currents<A, B, C>;
template <class E, class P, class F> INLINE auto currents(const E &e, const P &lower, const P &upper, const F &field) {
    auto drop = lower - upper;
    return Currents{e.through * drop + e.lower_shunt * lower + driven(e.lower_source, field),
                    upper_through(e) * drop - e.upper_shunt * upper + driven(e.upper_source, field),
                    e.across * drop + e.lower_response * lower + e.upper_response * upper + driven(e.direct, field)};
}
template <class T, class P, class F> INLINE auto absorbed(const T &torque, const P &lower, const P &upper, const F &field) {
    return torque.lower * lower + torque.upper * upper + driven(torque.source, field);
}
// Averaged over the thickness of a layer, spin along x, y, z (circuit/layer.py)
template <class L, class T, class P, class F> INLINE auto mean_spin_current(const L &l, const T &t, const P &lower, const P &upper, const F &field) {
    auto force = (1.0 / t) * (lower - upper);
    auto along = column(l.axis) * (transpose(column(l.axis)) * force);
    return l.longitudinal * along + l.transverse * (force - along) + driven(l.source(), field);
}

// What goes on inside a layer at fraction f of its thickness, spin along x, y, z (circuit/layer.py)
template <class P, class Q, class D, class J, class Force> struct Inside {
    Mat<P, 3, 1> psi;
    Mat<Q, 3, 1> Q_z;
    D drop;  // of mu_c from the lower face
    Mat<J, 2, 1> j;
    Mat<Force, 3, 1> force;
};
template <class P, class Q, class D, class J, class Force>
Inside(Mat<P, 3, 1>, Mat<Q, 3, 1>, D, Mat<J, 2, 1>, Mat<Force, 3, 1>) -> Inside<P, Q, D, J, Force>;
template <class L, class T, class P, class E, class F>
INLINE auto inside(const L &l, const T &t, const P &lower, const P &upper, const E &field, const F &f) {
    auto t2 = t * t;
    auto K_a = l.longitudinal / t;
    auto matrices = [&](const auto &f) HERE {
        auto a = interior(l.k2_longitudinal * t2, V{}, f);
        if constexpr (L::isotropic)
            return std::make_pair(about(Rates{a.value.re, a.value.re, Zero{}}, Axis(l.axis), l.precession),
                                  about(Rates{K_a * a.slope.re, K_a * a.slope.re, Zero{}}, Axis(l.axis), l.precession));
        else {
            auto K_t = l.transverse / t;
            auto h = precession_rate(l, t2);
            auto c = interior(l.k2_transverse * t2, h * t2, f);
            return std::make_pair(about(Rates{a.value.re, c.value.re, c.value.im / h}, Axis(l.axis), l.precession),
                                  about(Rates{K_a * a.slope.re, K_t * c.slope.re, K_t * c.slope.im / h}, Axis(l.axis), l.precession));
        }
    };
    auto [value_up, slope_up] = matrices(f);
    auto [value_down, slope_down] = matrices(1.0 - f);
    auto psi = value_down * lower + value_up * upper;
    auto flux = slope_down * lower - slope_up * upper;
    auto axis = column(l.axis);
    auto along = axis * (transpose(axis) * flux);
    auto force = (1.0 / l.longitudinal) * along + (1.0 / l.transverse) * (flux - along);
    auto ohmic = -(l.charge_source * field);
    auto lost = l.polarization * (transpose(axis) * (lower - psi));
    auto drop = f * t * ohmic(0, 0) - lost(0, 0);
    auto j = l.inplane * field + l.inverse() * force;
    return Inside{psi, flux + l.source() * field, drop, j, force};
}

}  // namespace
