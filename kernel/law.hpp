// The linear law inside a layer (circuit/law.py, docs/methods/local_law.md).
#pragma once
#include "hyperbolic.hpp"
#include "reader.hpp"

namespace {

// Spin current per field and in-plane current per spin force of a spin Hall tensor and a spin splitter
template <class A, class B> struct Generated {
    Mat<A, 3, 2> source;
    Mat<B, 2, 3> inverse;
};
template <class A, class B> Generated(Mat<A, 3, 2>, Mat<B, 2, 3>) -> Generated<A, B>;
template <class T> INLINE auto generated(const T &sigma, const Mat<V, 3, 2> &hall, const Mat<V, 3, 2> &splitter) {
    return Generated{sigma * (hall + splitter), sigma * transpose(splitter - hall)};
}
template <class T> INLINE auto generated(const T &sigma, const Mat<V, 3, 2> &hall) { return Generated{sigma * hall, sigma * -transpose(hall)}; }

// Its numbers are of as many types as there are sets of variables on which they depend. Unlike in the JAX code, in-plane numbers are
// those without charge current along z: `inplane` is inplane - charge_inverse charge_source / charge there, `charge_source` and
// `charge_inverse` are per charge; `along`, `back`: what the field drives along the axis, and the inverse of it, which with what spin
// Hall effects give make `source` and `inverse`.
template <class A, class C, class P, class L, class X, class K, class R, class F, class W, class G, class H, class S, class I, class U> struct Law {
    Vec<A> axis;
    C charge;
    P polarization;
    L longitudinal;
    X transverse;
    K k2_longitudinal;
    R k2_transverse;
    F k2_spin_flip;
    Vec<W> precession;
    Generated<G, H> spin_hall;
    Mat<S, 1, 2> along;
    Mat<S, 2, 1> back;
    Mat<I, 1, 2> charge_source;
    Mat<I, 2, 1> charge_inverse;
    Mat<U, 2, 2> inplane;

    static constexpr bool isotropic = is_zero<W>;  // spin along every axis alike and none precesses

    INLINE auto source() const { return spin_hall.source + column(axis) * along; }
    INLINE auto inverse() const { return spin_hall.inverse + back * transpose(column(axis)); }
    INLINE auto turned(const Mat<V, 3, 3> &Q) const {
        auto a = Q * axis;
        auto w = Q * precession;
        Generated<G, H> spin{Q * spin_hall.source, spin_hall.inverse * transpose(Q)};
        return Law{a, charge, polarization, longitudinal, transverse, k2_longitudinal, k2_transverse, k2_spin_flip, w, spin, along, back,
                   charge_source, charge_inverse, inplane};
    }
};
template <class A, class C, class P, class L, class X, class K, class R, class F, class W, class G, class H, class S, class I, class U>
Law(Vec<A>, C, P, L, X, K, R, F, Vec<W>, Generated<G, H>, Mat<S, 1, 2>, Mat<S, 2, 1>, Mat<I, 1, 2>, Mat<I, 2, 1>, Mat<U, 2, 2>)
    -> Law<A, C, P, L, X, K, R, F, W, G, H, S, I, U>;

INLINE V spread_squared(const Film &film, Group at, int row) {
    Reader<V> r{film, at};
    auto c = [&](auto column) HERE { return r.column(column, row); };
    V along = inverse_square(c(is<F_SPIN_DIFFUSION_LENGTH>)) + inverse_square(c(is<F_THICKNESS>));
    V across = along + inverse_square(c(is<F_DEPHASING_LENGTH>)) + inverse_square(c(is<F_PRECESSION_LENGTH>));
    V P = c(is<F_POLARIZATION>), rest = (1.0 - P) * (1.0 + P);
    return across / (along * rest * rest);
}

constexpr double LARMOR = 9.2740100783e-24 / 1.054571817646156e-34;

// axis: takes the place of the direction of B where there is none
template <bool FIELD, class Reader> INLINE auto metal(const Reader &r, int row, const Vec<V> &axis) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    auto sigma = c(is<M_CONDUCTIVITY>);
    auto flip = inverse_square(c(is<M_SPIN_DIFFUSION_LENGTH>));
    auto spin = generated(sigma, r.template matrix<3, 2>(METAL, row, M_SPIN_HALL_ANGLE), r.template matrix<3, 2>(METAL, row, M_SPIN_SPLITTER));
    const Mat<Zero, 1, 2> none{};
    const auto none_back = transpose(none);
    if constexpr (!FIELD) {
        auto inplane = make<2, 2>([&](int i, int j) HERE { return i == j ? sigma : decltype(sigma){}; });
        return Law{axis, sigma, Zero{}, sigma, sigma, flip, flip, flip, Vec<Zero>{}, spin, none, none_back, none, none_back, inplane};
    } else {
        auto B = r.B();
        auto carry = sigma * c(is<M_HALL_COEFFICIENT>);
        auto x = carry * B[0], y = carry * B[1], z = carry * B[2];
        auto square = x * x + y * y, rest = 1.0 / (1.0 + z * z);
        auto slow = (1.0 + z * z + square) * rest, zz = sigma / slow, scale = sigma * rest;
        auto turns = scale * z;
        Mat<decltype(turns), 2, 2> inplane{{{scale, turns}, {-turns, scale}}};
        auto charge_source = rest * Mat<decltype(x * z), 1, 2>{{{x * z + y, y * z - x}}};
        auto charge_inverse = rest * Mat<decltype(x * z), 2, 1>{{{x * z - y}, {y * z + x}}};
        auto strength2 = dot(B, B);
        const Mask none_here = value(strength2) == 0.0;
        auto strength = root(select(none_here, splat(1.0), strength2));
        auto larmor = slow * c(is<M_G_FACTOR>) * LARMOR * c(is<M_INVERSE_DIFFUSION>);
        Vec<decltype(strength)> along_B;
        for (int i = 0; i < 3; i++) along_B[i] = select(none_here, axis[i], B[i] / strength);
        auto rate = slow * flip;
        return Law{along_B, zz, Zero{}, zz, zz, rate, rate, rate, larmor * B, spin, none, none_back, charge_source, charge_inverse, inplane};
    }
}

// Conductivity of one spin channel whose resistivity is diag(plane, plane, 1) + ratio m m^T + turning x, cut at z: in the plane
// without current along z, along z, and by what part of a current along z another flows in the plane, and is driven from there
template <class S, class Z, class P> struct Channel {
    Mat<S, 2, 2> plane;
    Z zz;
    Mat<P, 2, 1> back;
    Mat<P, 1, 2> along;
};
template <class S, class Z, class P> Channel(Mat<S, 2, 2>, Z, Mat<P, 2, 1>, Mat<P, 1, 2>) -> Channel<S, Z, P>;
template <class P, class A, class M, class T> INLINE auto channel(const P &plane, const A &ratio, const Axis<M> &m2, const Vec<T> &turning) {
    const auto &[tx, ty, tz] = turning.a;
    auto xy = ratio * m2.xy, xz = ratio * m2.xz, yz = ratio * m2.yz;
    auto a = plane + ratio * m2.xx, d = plane + ratio * m2.yy;
    auto b = xy - tz, c = xy + tz;
    auto per = 1.0 / (plane * (plane + ratio * (m2.xx + m2.yy)) + tz * tz);
    using S = decltype(per * (a - b));
    Mat<S, 2, 2> inverse{{{per * d, -(per * b)}, {-(per * c), per * a}}};
    Mat<decltype(xz + ty), 2, 1> up{{{xz + ty}, {yz - tx}}};
    Mat<decltype(xz + ty), 1, 2> down{{{xz - ty, yz + tx}}};
    auto back = -(inverse * up);
    auto along = -(down * inverse);
    return Channel{inverse, 1.0 / (1.0 + ratio * m2.zz + (down * back)(0, 0)), back, along};
}

// A function of several numbers by its derivatives by each alone, which are its bits in the order of the numbers
template <int K = 0, Set S, class T> INLINE Zero changes(const Dual<S, T> &) { return {}; }
template <int K = 0, Set S, class T, class X, class... Rest> INLINE auto changes(const Dual<S, T> &f, const X &x, const Rest &...rest) {
    auto others = changes<K + 1>(f, rest...);
    if constexpr (is_dual<X> && (S >> K & 1)) return chain(x, T{}, f.d[place(S, Set(1) << K)]) + others;
    else return others;
}
template <Set S, class T, class... X> INLINE auto chained(const Dual<S, T> &f, const X &...x) { return changes(f, x...) + f.v; }
template <int K, class X> INLINE auto apart(const X &x) {
    if constexpr (is_dual<X>) {
        Dual<Set(1) << K, decltype(X::v)> r(x.v);
        r.d[0] = as<decltype(X::v)>(1.0);
        return r;
    } else
        return x;
}
// The same for turning = angle m + carry B; by these four numbers, fewer than the columns that they depend on, where m and B stand still
template <bool FIELD, class P, class A, class M, class G, class C, class F>
INLINE auto channel(const P &plane, const A &ratio, const Axis<M> &m2, const Vec<M> &m, const G &angle, const C &carry, const Vec<F> &B) {
    auto turning = [&](const auto &angle, const auto &carry) HERE {
        if constexpr (FIELD) return angle * m + carry * B;
        else return angle * m;
    };
    if constexpr (is_dual<A> && std::is_same<M, V>::value && std::is_same<F, V>::value) {
        auto found = channel(apart<0>(plane), apart<1>(ratio), m2, turning(apart<2>(angle), apart<3>(carry)));
        auto on = [&](const auto &x) HERE { return chained(x, plane, ratio, angle, carry); };
        auto each = [&](const auto &x) HERE {
            using Part = std::decay_t<decltype(x)>;
            return make<Part::rows, Part::columns>([&](int i, int j) HERE { return on(x(i, j)); });
        };
        return Channel{each(found.plane), on(found.zz), each(found.back), each(found.along)};
    } else
        return channel(plane, ratio, m2, turning(angle, carry));
}

template <bool FIELD, class Reader> INLINE auto ferromagnet(const Reader &r, int row) {
    auto c = [&](auto column) HERE { return r.column(column, row); };
    auto m = r.m(FERROMAGNET, row);
    auto sigma = c(is<F_CONDUCTIVITY>);
    auto P = c(is<F_POLARIZATION>);
    auto flip = inverse_square(c(is<F_SPIN_DIFFUSION_LENGTH>));
    auto plane = 1.0 + c(is<F_SIZE_EFFECT_RATIO>) * (m[2] * m[2]);
    auto amr = c(is<F_AMR_RATIO>);
    auto P_par = c(is<F_POLARIZATION_PARALLEL>);
    auto both = c(is<F_ANOMALOUS_HALL_ANGLE>);
    auto spin = c(is<F_SPIN_ANOMALOUS_HALL_ANGLE>);
    Axis m2(m);
    auto B = r.B();
    auto carry = sigma * c(is<F_HALL_COEFFICIENT>);
    auto share = [&](double sign) HERE { return (0.5 * (1.0 + sign * P)); };
    auto cut = [&](double sign) HERE {
        auto part = share(sign);
        auto anisotropy = (1.0 + amr) * (2.0 * part) / (1.0 + sign * P_par) - 1.0;
        return channel<FIELD>(plane, anisotropy, m2, m, (both + sign * spin) / (2.0 * part), carry, B);
    };
    auto up = cut(1.0), down = cut(-1.0);
    auto up_share = sigma * share(1.0), down_share = sigma * share(-1.0);
    auto up_zz = up_share * up.zz, down_zz = down_share * down.zz;
    auto zz = up_zz + down_zz, per_zz = 1.0 / zz, half = 2.0 * (up_zz * down_zz) * per_zz;
    auto polarization = (up_zz - down_zz) * per_zz;
    auto longitudinal = 2.0 * half;
    auto back_difference = up.back - down.back;
    auto along_difference = up.along - down.along;
    auto back = half * back_difference;
    auto along = half * along_difference;
    auto inplane = up_share * up.plane + down_share * down.plane + 0.5 * back * along_difference;
    auto charge_source = per_zz * (up_zz * up.along + down_zz * down.along);
    auto charge_inverse = per_zz * (up_zz * up.back + down_zz * down.back);
    auto k2_longitudinal = flip * sigma * ((1.0 - P) * (1.0 + P)) / longitudinal;
    auto k2_transverse = flip + inverse_square(c(is<F_DEPHASING_LENGTH>));
    auto precession = inverse_square(c(is<F_PRECESSION_LENGTH>)) * m;
    auto hall = generated(sigma, r.template matrix<3, 2>(FERROMAGNET, row, F_SPIN_HALL_ANGLE));
    return Law{m, zz, polarization, longitudinal, sigma, k2_longitudinal, k2_transverse, flip, precession, hall, along, back, charge_source,
               charge_inverse, inplane};
}

}  // namespace
