// The linear law inside a layer (circuit/law.py, docs/methods/local_law.md).
#pragma once
#include "hyperbolic.hpp"
#include "reader.hpp"

namespace {

template <class T> struct Law {
    Vec<T> axis;
    T charge, polarization, longitudinal, transverse, k2_longitudinal, k2_transverse, k2_spin_flip;
    Vec<T> precession;
    Mat<T, 3, 2> source;
    Vec<T> charge_source;  // the first two of three
    Mat<T, 2, 3> inverse;
    Vec<T> charge_inverse;
    Mat<T, 2, 2> inplane;
    bool isotropic = false;  // spin along every axis alike and none precesses

    INLINE Law turned(const Mat<V, 3, 3> &R) const {
        Law l = *this;
        l.axis = R * axis, l.precession = R * precession, l.source = R * source, l.inverse = inverse * transpose(R);
        return l;
    }
};

INLINE V spread_squared(const Film &film, Group at, int row) {
    Reader<V> r{film, at};
    auto c = [&](int column) { return r.column(FERROMAGNET, row, column); };
    V along = inverse_square(c(F_SPIN_DIFFUSION_LENGTH)) + inverse_square(c(F_THICKNESS));
    V across = along + inverse_square(c(F_DEPHASING_LENGTH)) + inverse_square(c(F_PRECESSION_LENGTH));
    V P = c(F_POLARIZATION), rest = (1.0 - P) * (1.0 + P);
    return across / (along * rest * rest);
}

constexpr double LARMOR = 9.2740100783e-24 / 1.054571817646156e-34;

// axis: takes the place of the direction of B where there is none
template <class T> INLINE Law<T> metal(const Reader<T> &r, int row, const Vec<V> &axis) {
    auto c = [&](int column) { return r.column(METAL, row, column); };
    T sigma = c(M_CONDUCTIVITY), flip = inverse_square(c(M_SPIN_DIFFUSION_LENGTH));
    auto hall = r.template matrix<3, 2>(METAL, row, M_SPIN_HALL_ANGLE), splitter = r.template matrix<3, 2>(METAL, row, M_SPIN_SPLITTER);
    Law<T> l;
    l.source = make<3, 2>([&](int i, int j) { return sigma * (hall(i, j) + splitter(i, j)); });
    l.inverse = make<2, 3>([&](int i, int j) { return sigma * (splitter(j, i) - hall(j, i)); });
    l.polarization = T{};
    if (!r.field()) {
        for (int i = 0; i < 3; i++) l.axis[i] = axis[i], l.precession[i] = l.charge_source[i] = l.charge_inverse[i] = T{};
        l.charge = l.longitudinal = l.transverse = sigma;
        l.k2_longitudinal = l.k2_transverse = l.k2_spin_flip = flip;
        l.inplane = make<2, 2>([&](int i, int j) { return i == j ? sigma : T{}; });
        l.isotropic = true;
        return l;
    }
    Vec<T> B = r.B();
    T carry = sigma * c(M_HALL_COEFFICIENT);
    T x = carry * B[0], y = carry * B[1], z = carry * B[2];
    T scale = sigma / (1.0 + x * x + y * y + z * z);
    T zz = scale * (1.0 + z * z), slow = sigma / zz;
    l.inplane = {{{scale * (1.0 + x * x), scale * (x * y + z)}, {scale * (x * y - z), scale * (1.0 + y * y)}}};
    l.charge_source = {{scale * (x * z + y), scale * (y * z - x), T{}}};
    l.charge_inverse = {{scale * (x * z - y), scale * (y * z + x), T{}}};
    T strength2 = dot(B, B);
    const Mask none = value(strength2) == 0.0;
    T strength = root(select(none, number<T>(1.0), strength2));
    T larmor = slow * c(M_G_FACTOR) * LARMOR * c(M_INVERSE_DIFFUSION);
    for (int i = 0; i < 3; i++) {
        l.axis[i] = select(none, T(axis[i]), B[i] / strength);
        l.precession[i] = larmor * B[i];
    }
    l.charge = l.longitudinal = l.transverse = zz;
    l.k2_longitudinal = l.k2_transverse = l.k2_spin_flip = slow * flip;
    return l;
}

// Inverse of the resistivity diag(plane, plane, 1) + ratio m m^T + turning x, times `factor`
template <class T> INLINE Mat<T, 3, 3> conductivity(T factor, T plane, T ratio, const Axis<T> &m2, const Vec<T> &m, const Vec<T> &turning) {
    T in = ratio * dot(m, turning);
    Vec<T> Sa{{plane * turning[0] + in * m[0], plane * turning[1] + in * m[1], turning[2] + in * m[2]}};
    T determinant = plane * plane + ratio * (plane * (m2.xx + m2.yy) + plane * plane * m2.zz) + dot(turning, Sa);
    T f = factor / determinant, pr = plane * ratio;
    T xx = plane + ratio * (plane * m2.zz + m2.yy), yy = plane + ratio * (plane * m2.zz + m2.xx);
    T zz = plane * plane + pr * (m2.xx + m2.yy);
    T xy = turning[0] * turning[1] - ratio * m2.xy, xz = turning[0] * turning[2] - pr * m2.xz, yz = turning[1] * turning[2] - pr * m2.yz;
    return {{{f * (xx + turning[0] * turning[0]), f * (xy + Sa[2]), f * (xz - Sa[1])},
             {f * (xy - Sa[2]), f * (yy + turning[1] * turning[1]), f * (yz + Sa[0])},
             {f * (xz + Sa[1]), f * (yz - Sa[0]), f * (zz + turning[2] * turning[2])}}};
}

template <class T> INLINE Law<T> ferromagnet(const Reader<T> &r, int row) {
    auto c = [&](int column) { return r.column(FERROMAGNET, row, column); };
    Vec<T> m = r.m(FERROMAGNET, row), h;
    T sigma = c(F_CONDUCTIVITY), P = c(F_POLARIZATION), flip = inverse_square(c(F_SPIN_DIFFUSION_LENGTH));
    T plane = 1.0 + c(F_SIZE_EFFECT_RATIO) * m[2] * m[2];
    const bool field = r.field();
    if (field) {
        Vec<T> B = r.B();
        T carry = sigma * c(F_HALL_COEFFICIENT);
        for (int i = 0; i < 3; i++) h[i] = carry * B[i];
    }
    Axis<T> m2(m);
    T amr = c(F_AMR_RATIO), P_par = c(F_POLARIZATION_PARALLEL), both = c(F_ANOMALOUS_HALL_ANGLE), spin = c(F_SPIN_ANOMALOUS_HALL_ANGLE);
    auto channel = [&](double sign) {
        T share = (1.0 + sign * P) * 0.5;
        T anisotropy = (1.0 + amr) * 2.0 * share / (1.0 + sign * P_par) - 1.0;
        T angle = (both + sign * spin) / (2.0 * share);
        Vec<T> turning;
        for (int i = 0; i < 3; i++) turning[i] = field ? angle * m[i] + h[i] : angle * m[i];
        return conductivity(sigma * share, plane, anisotropy, m2, m, turning);
    };
    auto up = channel(1.0), down = channel(-1.0);
    Law<T> l;
    T zz = up(2, 2) + down(2, 2), twice = 2.0 / zz;
    l.axis = m;
    l.charge = zz;
    l.polarization = (up(2, 2) - down(2, 2)) / zz;
    l.longitudinal = 2.0 * up(2, 2) * down(2, 2) * twice;
    l.transverse = sigma;
    l.k2_longitudinal = flip * sigma * (1.0 - P) * (1.0 + P) / l.longitudinal;
    l.k2_transverse = flip + inverse_square(c(F_DEPHASING_LENGTH));
    l.k2_spin_flip = flip;
    T turns = inverse_square(c(F_PRECESSION_LENGTH));
    T u = twice * down(2, 2), d = twice * up(2, 2);
    T along[2], back[2];
    for (int j = 0; j < 2; j++) {
        along[j] = up(2, j) * u - down(2, j) * d;
        back[j] = up(j, 2) * u - down(j, 2) * d;
        l.charge_source[j] = up(2, j) + down(2, j);
        l.charge_inverse[j] = up(j, 2) + down(j, 2);
    }
    l.charge_source[2] = l.charge_inverse[2] = T{};
    l.inplane = make<2, 2>([&](int i, int j) { return up(i, j) + down(i, j); });
    auto hall = r.template matrix<3, 2>(FERROMAGNET, row, F_SPIN_HALL_ANGLE);
    for (int i = 0; i < 3; i++) {
        l.precession[i] = turns * m[i];
        for (int j = 0; j < 2; j++) {
            T generated = sigma * hall(i, j);
            l.source(i, j) = generated + m[i] * along[j];
            l.inverse(j, i) = back[j] * m[i] - generated;
        }
    }
    return l;
}

}  // namespace
