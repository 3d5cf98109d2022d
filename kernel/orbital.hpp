// Orbital moments beside spin: six potentials (circuit/orbital.py, circuit/orbital_interface.py, docs/methods/orbital.md).
#pragma once
#include "fold.hpp"
#include "pairs.hpp"

namespace {

// Spin and orbital moments in blocks of three
template <class A, class B, class C, class D> INLINE auto blocks(const A &ss, const B &sl, const C &ls, const D &ll) {
    return above(beside(ss, sl), beside(ls, ll));
}
// What acts on spin alone
template <class T> INLINE auto padded(const Mat<T, 3, 3> &a) {
    const Mat<Zero, 3, 3> none{};
    return blocks(a, none, none, none);
}
// Vectors of spin, and of orbital moments behind it, turned by R
template <class T, int C> INLINE auto turned(const Mat<V, 3, 3> &R, const Mat<T, 6, C> &v) { return above(R * three_rows<0>(v), R * three_rows<3>(v)); }

// The affine element with D drives; upper responses are none
template <int D> struct OrbitalElement {
    Mat<V, 6, 6> through, upper_through, lower_shunt, upper_shunt;
    Mat<V, 6, D> lower_source, upper_source;
    Mat<V, D, 6> across, lower_response;
    Mat<V, D, D> direct;
    Mat<Zero, D, 6> upper_response{};
};
template <int D> INLINE const auto &upper_through(const OrbitalElement<D> &e) { return e.upper_through; }
INLINE OrbitalElement<1> along_z(const OrbitalElement<3> &e) {
    auto last_column = [](const auto &a) HERE { return make<6, 1>([&](int i, int) HERE { return a(i, 2); }); };
    auto last_row = [](const auto &a) HERE { return make<1, 6>([&](int, int j) HERE { return a(2, j); }); };
    return {e.through, e.upper_through, e.lower_shunt, e.upper_shunt, last_column(e.lower_source), last_column(e.upper_source),
            last_row(e.across), last_row(e.lower_response), {{{e.direct(2, 2)}}}};
}
struct OrbitalTorque {
    Mat<V, 3, 6> lower, upper;
    Mat<Zero, 3, 2> source{};
};

// The law of a layer, `spin` that of spin alone. Matrices of spin and orbital moments are real along the axis and complex across it,
// where i turns psi into psi x axis.
template <class L> struct OrbitalLaw {
    L spin;
    V conductivity, correlation, conversion, k2;  // K_ll, chi, c, Gamma_ll/K_ll
    V spin_turn, orbital_turn;                    // precession [1/m^2]
    Mat<V, 3, 2> source;                          // orbital current per field

    INLINE auto turned(const Mat<V, 3, 3> &R) const {
        auto l = spin.turned(R);
        return OrbitalLaw<decltype(l)>{l, conductivity, correlation, conversion, k2, spin_turn, orbital_turn, R * source};
    }
};
template <class T> INLINE Mat<V, 3, 2> orbital_source(const T &sigma, const T &angle) {
    const V s = sigma * angle;
    return {{{V{}, -s}, {s, V{}}, {V{}, V{}}}};
}
template <class Reader, class L> INLINE auto orbital_metal(const Reader &r, int row, const L &law) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    const V sigma = c(is<M_CONDUCTIVITY>);
    OrbitalLaw<L> l{law, c(is<M_ORBITAL_CONDUCTIVITY>), c(is<M_CORRELATION>), c(is<M_CONVERSION>),
                    inverse_square(c(is<M_ORBITAL_DIFFUSION_LENGTH>)), V{}, V{}, orbital_source(sigma, c(is<M_ORBITAL_HALL_ANGLE>))};
    if constexpr (!L::isotropic) {
        const V slow = sigma / law.longitudinal;  // the Hall effect slows whatever electrons carry along z
        const auto B = r.B();
        l.conductivity = l.conductivity / slow, l.k2 = l.k2 * slow;
        l.spin_turn = dot(law.precession, law.axis);
        l.orbital_turn = root(dot(B, B)) * slow * LARMOR * c(is<M_ORBITAL_G_FACTOR>) * c(is<M_INVERSE_ORBITAL_DIFFUSION>);
    }
    return l;
}
// Orbital moments know of m only through spin.
template <class Reader, class L> INLINE auto orbital_ferromagnet(const Reader &r, int row, const L &law) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    return OrbitalLaw<L>{law, c(is<F_ORBITAL_CONDUCTIVITY>), c(is<F_CORRELATION>), c(is<F_CONVERSION>),
                         inverse_square(c(is<F_ORBITAL_DIFFUSION_LENGTH>)), inverse_square(c(is<F_PRECESSION_LENGTH>)), V{},
                         orbital_source(c(is<F_CONDUCTIVITY>), c(is<F_ORBITAL_HALL_ANGLE>))};
}

// K f(A)/t in its blocks, K diagonal
template <class T> INLINE Symmetric<T> scaled(const Coupled<T> &m, const Linear<T> &f, V spin, V orbital) {
    const auto a = m.times(f);
    return {spin * a.first, root(spin * orbital) * a.mixed, orbital * a.second};
}
INLINE V real_part(V x) { return x; }
INLINE V real_part(const Complex<V> &x) { return x.re; }
INLINE V imaginary_part(V) { return V{}; }
INLINE V imaginary_part(const Complex<V> &x) { return x.im; }

// What passes and what is lost of spin, of spin by orbital moments, and of these: rates of a layer of `height`, per `t`
template <class L> INLINE auto orbital_rates(const OrbitalLaw<L> &l, V height, V t) {
    const auto &spin = l.spin;
    const V t2 = height * height, per_t = 1.0 / t, c = l.conversion, left = (1.0 - c) * (1.0 + c);
    const V r = l.k2 * t2, p = spin.k2_longitudinal * t2, K_l = l.conductivity * per_t, K_a = spin.longitudinal * per_t;
    const Coupled<V> along{l.correlation, p, -c * root(p * r), r, p * r * left};
    const auto a = pair_admittances(along);
    const auto through = scaled(along, a.through, K_a, K_l), shunt = scaled(along, a.shunt, K_a, K_l);
    if constexpr (L::isotropic) {
        auto alike = [](const Symmetric<V> &x) HERE {
            auto one = [](V y) HERE { return Rates{y, y, Zero{}}; };
            return Symmetric<Rates<V, V, Zero>>{one(x.first), one(x.mixed), one(x.second)};
        };
        return LayerRates{alike(through), alike(shunt)};
    } else {
        const V K_t = spin.transverse * per_t, lost = spin.k2_spin_flip * t2, exchange = (spin.k2_transverse - spin.k2_spin_flip) * t2;
        const V hs = l.spin_turn * t2, hl = l.orbital_turn * t2, q = -c * root(lost * r);
        auto together = [&](const auto &across) HERE {
            const auto found = pair_admittances(across);
            auto rates = [&](const Symmetric<V> &x, const auto &f) HERE {
                const auto y = scaled(across, f, K_t, K_l);
                auto one = [](V along, const auto &z) HERE { return Rates{along, real_part(z), imaginary_part(z)}; };
                return Symmetric<Rates<V, V, V>>{one(x.first, y.first), one(x.mixed, y.mixed), one(x.second, y.second)};
            };
            return LayerRates{rates(through, found.through), rates(shunt, found.shunt)};
        };
        if (!any((hs != 0.0) | (hl != 0.0)))
            return together(Coupled<V>{l.correlation, lost + exchange, q, r, lost * r * left + exchange * r});
        const Complex<V> e{exchange, hs}, orbital{r, hl}, determinant = e * orbital;
        return together(Coupled<Complex<V>>{l.correlation, e + lost, q, orbital, {lost * r * left + determinant.re, lost * hl + determinant.im}});
    }
}
template <class R, class X> INLINE Mat<V, 6, 6> about(const Symmetric<R> &r, const Axis<X> &axis, const Vec<V> &w) {
    const auto mixed = about(r.mixed, axis, w);
    return blocks(about(r.first, axis, w), mixed, mixed, about(r.second, axis, w));
}

// What a field in the plane drives, among D drives
template <int D, class T> INLINE auto drives(const Mat<T, 3, 2> &a) {
    if constexpr (D == 2) return a;
    else return beside(a, Mat<Zero, 3, 1>{});
}

// The element of a layer
template <int D, class L> INLINE OrbitalElement<D> layer(const OrbitalLaw<L> &l, V t) {
    const auto [source, across, direct] = layer_drives<D>(l.spin, t);
    const auto orbital = drives<D>(l.source);
    const auto found = orbital_rates(l, t, t);
    const Axis<V> axis(l.spin.axis);
    OrbitalElement<D> all;
    all.through = all.upper_through = about(found.through, axis, l.spin.axis);
    all.lower_shunt = all.upper_shunt = about(found.shunt, axis, l.spin.axis);
    all.lower_source = all.upper_source = above(source, orbital);
    all.across = beside(across, -transpose(orbital));
    all.lower_response = zeros<V, D, 6>();
    all.direct = direct;
    return all;
}
// Gamma_exchange Gamma^-1 of the loss ends in the magnetisation; of a metal: in the applied field
template <class L> INLINE OrbitalTorque layer_torque(const OrbitalLaw<L> &l, const Mat<V, 6, 6> &shunt) {
    if constexpr (L::isotropic)
        return {zeros<V, 3, 6>(), zeros<V, 3, 6>()};
    else {
        const auto &spin = l.spin;
        const V flip = spin.k2_spin_flip, c = l.conversion;
        const Complex<V> exchange{spin.k2_transverse - flip, l.spin_turn}, whole = exchange + flip * (1.0 - c) * (1.0 + c);
        const Mask none = squared_size(whole) == 0.0;
        const Complex<V> own = select(none, Complex<V>{}, exchange / whole);
        const V ratio = c * root(spin.transverse * flip) / root(l.conductivity * l.k2);
        const Axis<V> axis(spin.axis);
        auto part = [&](const Complex<V> &x) HERE { return axis.about(Zero{}, x.re, x.im, spin.axis); };
        const auto torque = beside(part(own), part(ratio * own)) * shunt;
        return {torque, torque};
    }
}

// The element of an interface, `e` that of spin alone: Q_l = 2 G_l (phi_L - phi_R) with a slab for what is lost, the orbital
// Rashba-Edelstein effect with its inverse, and at the face away from the magnet Q += X (phi_L - phi_R), Q_l += X psi, X = 2 G_os
template <int D, class Reader, class E> INLINE OrbitalElement<D> orbital_interface(const Reader &r, int row, const E &e, const Mat<V, 3, 3> &X, const Mat<V, 3, 3> &R) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    const V G = 2.0 * c(is<I_ORBITAL_CONDUCTANCE>), loss = c(is<I_ORBITAL_MEMORY_LOSS>), below = c(is<I_MAGNET_ABOVE>);
    V through = G, shunt{};
    if (any(loss != 0.0)) {
        const auto a = admittances(loss * loss);
        through = G * a.through, shunt = G * a.shunt;
    }
    auto own = [](V x) HERE { return make<3, 3>([&](int i, int j) HERE { return i == j ? x : V{}; }); };
    const Mat<V, 3, 3> lower = below * X, upper = (1.0 - below) * X, turned = lower - upper;
    const Mat<V, 3, 2> generated = (c(is<I_ORBITAL_RASHBA_EDELSTEIN>) * 0.5) * crossed(R);
    const auto source = drives<D>(generated);
    const auto back = c(is<I_RECIPROCAL>) * transpose(drives<D>(generated));
    OrbitalElement<D> all;
    const auto none = zeros<V, 3, 3>();
    all.through = blocks(e.through, lower, upper, own(through));
    all.upper_through = blocks(e.through, upper, lower, own(through));
    all.lower_shunt = blocks(e.lower_shunt, none, turned, own(shunt));
    all.upper_shunt = blocks(e.upper_shunt, none, -turned, own(shunt));
    all.lower_source = above(e.lower_source, -source);
    all.upper_source = above(e.upper_source, source);
    all.across = beside(e.across, -back);
    all.lower_response = beside(e.lower_response, 2.0 * back);
    all.direct = e.direct;
    return all;
}
// The matrix X by which a drop of phi drives spin at the face away from the magnet
template <class Reader> INLINE Mat<V, 3, 3> orbital_mixing(const Reader &r, int row, const Vec<V> &m) {
    return Axis<V>(m).about(Zero{}, 2.0 * r.column(is<I_ORBITAL_MIXING_REAL>, row), 2.0 * r.column(is<I_ORBITAL_MIXING_IMAG>, row), m);
}
template <class Reader, class T> INLINE OrbitalTorque orbital_interface_torque(const Reader &r, int row, const T &spin, const Mat<V, 3, 3> &X) {
    const V side = 2.0 * r.column(is<I_MAGNET_ABOVE>, row) - 1.0;
    const Mat<V, 3, 3> turned = side * X;
    return {beside(spin.lower, turned), beside(spin.upper, -turned)};
}

// Averaged over the thickness of a layer, spin along x, y, z
template <class L, class F> INLINE Mat<V, 3, 1> mean_spin_current(const OrbitalLaw<L> &l, V t, const Mat<V, 6, 1> &lower, const Mat<V, 6, 1> &upper, const F &field) {
    const auto &spin = l.spin;
    const auto force = (1.0 / t) * (lower - upper);
    const auto a = column(spin.axis);
    auto carried = [&](const Mat<V, 3, 1> &f, V K_a, V K_t) HERE {
        const auto along = a * (transpose(a) * f);
        return K_a * along + K_t * (f - along);
    };
    auto mixed = [&](V K) HERE { return l.correlation * root(K * l.conductivity); };
    return carried(three_rows<0>(force), spin.longitudinal, spin.transverse) +
           carried(three_rows<3>(force), mixed(spin.longitudinal), mixed(spin.transverse)) + driven(spin.source(), field);
}

// K^-1 flux
template <class L> INLINE Mat<V, 6, 1> orbital_force(const OrbitalLaw<L> &l, const Mat<V, 6, 1> &flux) {
    const auto a = column(l.spin.axis);
    const V chi = l.correlation, per = 1.0 / ((1.0 - chi) * (1.0 + chi)), per_l = 1.0 / root(l.conductivity);
    const Mat<V, 3, 1> Q = three_rows<0>(flux), Q_l = three_rows<3>(flux), along = a * (transpose(a) * Q), along_l = a * (transpose(a) * Q_l);
    auto part = [&](V K, const Mat<V, 3, 1> &q, const Mat<V, 3, 1> &q_l) HERE {
        const V per_s = 1.0 / root(K);
        const Mat<V, 3, 1> x = per_s * q, y = per_l * q_l;
        return above((per * per_s) * (x - chi * y), (per * per_l) * (y - chi * x));
    };
    return part(l.spin.longitudinal, along, along_l) + part(l.spin.transverse, Q - along, Q_l - along_l);
}
// Inside a layer: the potentials at a height are those between the two layers into which it cuts the layer
struct OrbitalInside {
    Mat<V, 6, 1> psi, Q_z;
    V drop;
    Mat<V, 2, 1> j;
};
template <class L, class F> INLINE OrbitalInside inside(const OrbitalLaw<L> &l, V t, const Mat<V, 6, 1> &lower, const Mat<V, 6, 1> &upper, const F &field, V near) {
    const auto &spin = l.spin;
    const Axis<V> axis(spin.axis);
    const V far = 1.0 - near;
    // per whole thickness, so that they are finite where there is none
    auto matrices = [&](V share) HERE {
        const auto found = orbital_rates(l, share * t, t);
        return std::make_pair(about(found.through, axis, spin.axis), about(found.shunt, axis, spin.axis));
    };
    const auto [pass_low, lose_low] = matrices(near);
    const auto [pass_up, lose_up] = matrices(far);
    const Mat<V, 6, 6> kept = far * (pass_low + lose_low) + near * (pass_up + lose_up);
    const Mat<V, 6, 1> psi = Eliminated<V, 6>(kept).solve(far * (pass_low * lower) + near * (pass_up * upper));
    const Mat<V, 6, 1> from_below = pass_low * (lower - psi) - lose_low * psi, from_above = pass_up * (psi - upper) + lose_up * psi;
    const Mask high = near > 0.5;
    const V per = 1.0 / select(high, near, far);
    const auto flux = make<6, 1>([&](int i, int) HERE { return per * select(high, from_below(i, 0), from_above(i, 0)); });
    const Mat<V, 6, 1> Q = flux + above(driven(spin.source(), field), driven(l.source, field)), force = orbital_force(l, flux);
    const auto ohmic = -(spin.charge_source * field);
    const auto lost = spin.polarization * (transpose(column(spin.axis)) * (three_rows<0>(lower) - three_rows<0>(psi)));
    const auto back = spin.inverse() * three_rows<0>(force) - transpose(l.source) * three_rows<3>(force);
    return {psi, Q, as<V>(near * t * ohmic(0, 0) - lost(0, 0)), spin.inplane * field + back};
}

}  // namespace
