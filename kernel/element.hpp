// The affine element (circuit/element.py): a layer, an interface or a given one, with D drives (2: in the plane; 3: and j_c).
#pragma once
#include "law.hpp"

namespace {

enum class Shape { LAYER, INTERFACE, GIVEN };

// Both through-admittances of every element are the same; a layer has only lower shunt and source and no responses.
template <class T, int D> struct Element {
    Mat<T, 3, 3> through, lower_shunt, upper_shunt;
    Mat<T, 3, D> lower_source, upper_source;
    Mat<T, D, 3> across, lower_response, upper_response;
    Mat<T, D, D> direct;
};
template <class T> struct Torque {
    Mat<T, 3, 3> lower, upper;
    Mat<T, 3, 2> source;
};

template <class T> INLINE T precession_rate(const Law<T> &l, T t2) {
    T h2 = dot(l.precession, l.precession);
    T floor = 1e-10 / t2;
    floor = floor * floor;
    return root(select(value(h2) < value(floor), floor, h2));
}

// The part of the transverse spin loss that ends in the magnetisation, (k2 - k2_spin_flip)/k2
template <class T> INLINE Mat<T, 3, 3> torque_fraction(const Law<T> &l) {
    T h2 = dot(l.precession, l.precession), real = l.k2_transverse;
    T size = real * real + h2;
    size = select(value(size) == 0.0, number<T>(1.0), size);
    return Axis<T>(l.axis).about(T{}, (real * (real - l.k2_spin_flip) + h2) / size, l.k2_spin_flip / size, l.precession);
}

// A matrix about an axis: along it, across it, and psi -> psi x w
template <class T> struct Rates {
    T along, across, turn;
};
template <class T> struct LayerRates {
    Rates<T> through, shunt;
};
template <class T> INLINE LayerRates<T> rates(const Law<T> &l, T t) {
    T t2 = t * t, per_t = 1.0 / t;
    T K_a = l.longitudinal * per_t, K_t = l.transverse * per_t;
    auto a = admittances(l.k2_longitudinal * t2);
    T through = K_a * a.through, shunt = K_a * a.shunt;
    if (l.isotropic) return {{through, through, T{}}, {shunt, shunt, T{}}};
    T h = precession_rate(l, t2), per_h = K_t / h;
    auto c = complex_admittances(l.k2_transverse * t2, h * t2);
    return {{through, K_t * c.through.re, per_h * c.through.im}, {shunt, K_t * c.shunt.re, per_h * c.shunt.im}};
}

// The element of a layer (circuit/layer.py)
template <int D, class T> INLINE void layer(const Law<T> &l, T t, Element<T, D> &e) {
    auto [through, shunt] = rates(l, t);
    if (l.isotropic) {
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) e.through(i, j) = i == j ? through.along : T{}, e.lower_shunt(i, j) = i == j ? shunt.along : T{};
    } else {
        Axis<T> axis(l.axis);
        e.through = axis.about(through.along, through.across, through.turn, l.precession);
        e.lower_shunt = axis.about(shunt.along, shunt.across, shunt.turn, l.precession);
    }
    T resistance = t / l.charge;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) e.lower_source(i, j) = l.source(i, j), e.across(j, i) = l.inverse(j, i);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            e.direct(i, j) = t * l.inplane(i, j);
            if (!l.isotropic) e.direct(i, j) = e.direct(i, j) - resistance * l.charge_inverse[i] * l.charge_source[j];
        }
    if constexpr (D == 3) {
        for (int i = 0; i < 3; i++) e.lower_source(i, 2) = l.polarization * l.axis[i], e.across(2, i) = -e.lower_source(i, 2);
        for (int j = 0; j < 2; j++)
            e.direct(j, 2) = resistance * l.charge_inverse[j], e.direct(2, j) = -resistance * l.charge_source[j];
        e.direct(2, 2) = resistance;
    }
}

// What a layer leaves out, for those who keep elements
template <int D, class T> INLINE void complete(Element<T, D> &e, Shape shape) {
    if (shape == Shape::LAYER) {
        e.upper_shunt = e.lower_shunt, e.upper_source = e.lower_source;
        e.lower_response = zeros<T, D, 3>();
    }
    if (shape != Shape::GIVEN) e.upper_response = zeros<T, D, 3>();
}

// The numbers of an interface beside its direction (circuit/interface.py)
template <class T> struct InterfaceNumbers {
    Rates<T> through, lower, upper;
    T low, low_turned, high, high_turned, weight, sheet, per_total, gamma, magnetic;
};
template <class T> INLINE InterfaceNumbers<T> interface_numbers(const Reader<T> &r, int row) {
    auto c = [&](int column) { return r.column(INTERFACE, row, column); };
    T up = c(I_CONDUCTANCE_UP), down = c(I_CONDUCTANCE_DOWN), total = up + down, per_total = 1.0 / total;
    T loss = c(I_SPIN_MEMORY_LOSS), G4 = 4.0 * up * down * per_total;
    T through = G4, shunt{};
    if (is_dual<T> || any(value(loss) != 0.0)) {
        auto a = admittances(loss * loss);
        through = G4 * a.through, shunt = G4 * a.shunt;
    }
    T magnetic = c(I_MAGNETIC), other = 1.0 - magnetic, twice = 2.0 * magnetic;
    T Gr = c(I_TRANSMITTED_REAL), Gi = c(I_TRANSMITTED_IMAG), edelstein = c(I_RASHBA_EDELSTEIN) * 0.5;
    auto losses = [&](int real, int imag) -> Rates<T> {
        return {shunt, twice * (c(real) - Gr) + other * shunt, twice * (c(imag) - Gi)};
    };
    return {{through, twice * Gr + other * through, twice * Gi},
            losses(I_MIXING_REAL, I_MIXING_IMAG),
            losses(I_MIXING_UPPER_REAL, I_MIXING_UPPER_IMAG),
            c(I_FILTERING) - edelstein,
            c(I_PRECESSION),
            c(I_FILTERING_UPPER) + edelstein,
            c(I_PRECESSION_UPPER),
            c(I_RECIPROCAL),
            c(I_SHEET_CONDUCTANCE),
            per_total,
            (up - down) * per_total,
            magnetic};
}

// The element of an interface; torque where it is wanted
template <int D, class T> INLINE void interface(const Reader<T> &r, int row, const Mat<V, 3, 3> &R, Element<T, D> &e, Torque<T> *torque) {
    auto n = interface_numbers(r, row);
    Vec<T> m = R * r.m(INTERFACE, row);
    Axis<T> axis(m);
    auto about = [&](const Rates<T> &x) { return axis.about(x.along, x.across, x.turn, m); };
    e.through = about(n.through), e.lower_shunt = about(n.lower), e.upper_shunt = about(n.upper);
    if (torque) {
        auto taken = [&](const Rates<T> &x) { return about({T{}, n.magnetic * x.across, n.magnetic * x.turn}); };
        torque->lower = taken(n.lower), torque->upper = taken(n.upper);
        torque->source = zeros<T, 3, 2>();
    }
    for (int j = 0; j < 2; j++) {
        const double sign = j == 0 ? 1 : -1;  // z x E is y for E along x, -x for E along y
        V z[3] = {sign * R(0, 1 - j), sign * R(1, 1 - j), sign * R(2, 1 - j)};
        for (int i = 0; i < 3; i++) {
            int k = (i + 1) % 3, o = (i + 2) % 3;
            T turned = m[k] * z[o] - m[o] * z[k];
            T g = n.low * z[i], p = n.low_turned * turned, G = n.high * z[i], Pr = n.high_turned * turned;
            e.lower_source(i, j) = g + p;
            e.upper_source(i, j) = G + Pr;
            T upper_inverse = n.weight * (G - Pr);
            e.across(j, i) = -upper_inverse;
            e.lower_response(j, i) = upper_inverse - n.weight * (g - p);
        }
    }
    e.direct = make<D, D>([&](int i, int j) { return i != j ? T{} : i == 2 ? n.per_total : n.sheet; });
    if constexpr (D == 3) {
        for (int i = 0; i < 3; i++) {
            e.lower_source(i, 2) = e.upper_source(i, 2) = n.gamma * m[i];
            e.across(2, i) = -(n.gamma * m[i]);
            e.lower_response(2, i) = T{};
        }
    }
}

// What the face of an insulator takes up: in all and into its magnetisation
template <class T> INLINE void insulator(const Reader<T> &r, int row, const Mat<V, 3, 3> &R, Mat<T, 3, 3> &shunt, Mat<T, 3, 3> &torque) {
    Vec<T> m = R * r.m(INSULATOR, row);
    torque = Axis<T>(m).about(T{}, 2.0 * r.column(INSULATOR, row, S_MIXING_REAL), 2.0 * r.column(INSULATOR, row, S_MIXING_IMAG), m);
    T sink = 2.0 * r.column(INSULATOR, row, S_SINK);
    shunt = torque;
    for (int i = 0; i < 3; i++) shunt(i, i) = shunt(i, i) + sink;
}

// An element whose arrays come from outside, spin along x, y, z
template <int D, class T> INLINE void given(const Reader<T> &r, int row, const Mat<V, 3, 3> &R, Element<T, D> &e, Torque<T> *torque) {
    auto get = [&](int column) { return r.template matrix<3, 3>(GIVEN, row, column); };
    Mat<V, 3, 3> back = transpose(R);
    auto both = [&](int column) { return R * get(column) * back; };
    auto rows = [&](int column) { auto a = R * get(column); return make<3, D>([&](int i, int j) { return a(i, j); }); };
    auto columns = [&](int column) { auto a = get(column) * back; return make<D, 3>([&](int i, int j) { return a(i, j); }); };
    e.through = both(G_THROUGH), e.lower_shunt = both(G_LOWER_SHUNT), e.upper_shunt = both(G_UPPER_SHUNT);
    e.lower_source = rows(G_LOWER_SOURCE), e.upper_source = rows(G_UPPER_SOURCE);
    e.across = columns(G_ACROSS), e.lower_response = columns(G_LOWER_RESPONSE), e.upper_response = columns(G_UPPER_RESPONSE);
    auto d = get(G_DIRECT);
    e.direct = make<D, D>([&](int i, int j) { return d(i, j); });
    if (torque) {
        torque->lower = both(G_LOWER_TORQUE), torque->upper = both(G_UPPER_TORQUE);
        auto s = R * get(G_TORQUE_SOURCE);
        torque->source = make<3, 2>([&](int i, int j) { return s(i, j); });
    }
}

}  // namespace
