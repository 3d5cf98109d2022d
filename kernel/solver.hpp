// The elements of the films of one lane group in their order, and the way through many films.
#pragma once
#include "fold.hpp"
#include <memory>
#include <vector>

namespace {

#define SEPARATE __attribute__((noinline))

// The segments of a film, read one after the other.
struct Ends {
    int count, position;
    const int32_t *rows;
};
struct Segment {
    int count;
    const int32_t *elements;  // kind, row, position of each
    Ends bottom, top;
    const int32_t *next;
    explicit Segment(const int32_t *p) {
        count = *p++;
        elements = p;
        p += 3 * count;
        for (Ends *e : {&bottom, &top}) {
            e->count = *p++, e->position = *p++;
            e->rows = p;
            p += e->count;
        }
        next = p;
    }
};
template <class F> void segments(const Film &film, F f) {
    const int32_t *at = film.segments;
    for (int64_t s = 0; s < film.segment_count; s++) {
        Segment segment(at);
        at = segment.next;
        f(segment);
    }
}
inline int longest(const Film &film) {
    int most = 0;
    segments(film, [&](const Segment &s) { most = s.count > most ? s.count : most; });
    return most;
}

// m of the magnet whose conductances along and across m differ most
inline Vec<V> main_axis(const Film &film, Group at) {
    Reader<V> r{film, at};
    Vec<V> axis = r.magnetisation(0);
    if (film.magnets <= 1) return axis;
    std::unique_ptr<V[]> most(new V[film.magnets]);
    for (int64_t k = 0; k < film.magnets; k++) most[k] = splat(1.0);
    auto take = [&](Kind kind, int row, V squared) {
        V &known = most[film.magnet_of[kind][row]];
        V found = select(squared < 1.0, 1.0 / squared, squared);
        known = select(found > known, found, known);
    };
    for (int row = 0; row < film.rows[FERROMAGNET]; row++) take(FERROMAGNET, row, spread_squared(film, at, row));
    for (int row = 0; row < film.rows[INTERFACE]; row++) {
        auto c = [&](auto column) { return r.column(column, row); };
        V re = c(is<I_MIXING_REAL>), im = c(is<I_MIXING_IMAG>), up = c(is<I_CONDUCTANCE_UP>), down = c(is<I_CONDUCTANCE_DOWN>);
        V mixing = select(c(is<I_MAGNETIC>) > 0.0, select(re < 0.0, -re, re) + select(im < 0.0, -im, im), up);
        V share = mixing * (up + down) / (2.0 * up * down);
        take(INTERFACE, row, share * share);
    }
    for (int row = 0; row < film.sinks; row++) {
        auto c = [&](auto column) { return r.column(column, row); };
        V re = c(is<S_MIXING_REAL>), im = c(is<S_MIXING_IMAG>);
        V share = 1.0 + (select(re < 0.0, -re, re) + select(im < 0.0, -im, im)) / (c(is<S_SINK>) + 2.2250738585072014e-308);
        take(INSULATOR, row, share * share);
    }
    V best = most[0];
    for (int64_t k = 1; k < film.magnets; k++) {
        const Mask more = most[k] > best;
        best = select(more, most[k], best);
        if (!any(more)) continue;
        Vec<V> m = r.magnetisation(k);
        for (int i = 0; i < 3; i++) axis[i] = select(more, m[i], axis[i]);
    }
    return axis;
}

// Films of one lane group. T: V, or Dual<1> where the field grows along a direction.
template <class T> struct Solver {
    static constexpr int N = 3;  // potentials at a face
    using Element = Whole<T, 3>;
    using Taken = Torque<T, T, T>;
    const Film &film;
    Reader<T> read;
    Vec<V> axis;
    Mat<V, 3, 3> R;

    explicit Solver(const Film &film, Group at, const Column *along = nullptr)
        : film(film), read{film, at, along}, axis(main_axis(film, at)), R(frame(axis)) {}

    // the same films, their field as it is
    template <class S> explicit Solver(const Solver<S> &other) : film(other.film), read{film, other.read.at}, axis(other.axis), R(other.R) {}

    Mat<V, 3, 3> sink(const Ends &ends, Mat<V, 3, 3> *torque = nullptr) const {
        auto total = zeros<V, 3, 3>();
        if (torque) *torque = zeros<V, 3, 3>();
        for (int k = 0; k < ends.count; k++) {
            auto one = insulator(Reader<V>{film, read.at}, ends.rows[k], R);
            total = total + one.shunt;
            if (torque) *torque = *torque + one.torque;
        }
        return total;
    }

    // f(law, thickness) of a layer, its numbers read by `r`
    template <bool FIELD, class Reader, class F> SEPARATE void metal_law(const Reader &r, int row, F f) const {
        f(metal<FIELD>(r, row, axis), r.column(is<M_THICKNESS>, row));
    }
    template <bool FIELD, class Reader, class F> SEPARATE void ferromagnet_law(const Reader &r, int row, F f) const {
        f(ferromagnet<FIELD>(r, row), r.column(is<F_THICKNESS>, row));
    }
    template <bool FIELD, class Reader, class F> void law(const Reader &r, int kind, int row, F f) const {
        if constexpr (Reader::variables != By::M)  // which no metal has
            if (kind == METAL) return metal_law<FIELD>(r, row, f);
        ferromagnet_law<FIELD>(r, row, f);
    }
    template <class Reader, class F> void law(const Reader &r, int kind, int row, F f) const {
        if constexpr (is_dual<T> || Reader::variables == By::FIELD) law<true>(r, kind, row, f);
        else r.field() ? law<true>(r, kind, row, f) : law<false>(r, kind, row, f);
    }

    // f(element, function of its torque), the numbers of the element read by `r`
    template <int D, class Reader, class F> SEPARATE void interface_element(const Reader &r, int row, F f) const {
        auto n = interface_numbers(r, row);
        auto m = R * r.m(INTERFACE, row);
        f(interface<D>(n, m, R), [&]() HERE { return interface_torque(n, m); });
    }
    template <int D, class F> SEPARATE void given_element(int row, F f) const {
        auto get = [&](int column) { return read.template matrix<3, 3>(GIVEN, row, column); };
        f(given<D>(get, R), [&]() HERE { return given_torque(get, R); });
    }
    template <int D, class Reader, class F> void layer_element(const Reader &r, int kind, int row, F f) const {
        law(r, kind, row, [&](const auto &found, const auto &t) HERE {
            auto l = found.turned(R);
            auto e = layer<D>(l, t);
            f(e, [&]() HERE { return layer_torque(l, e.lower_shunt); });
        });
    }
    template <int D, class F> void element(const int32_t *which, F f) const {
        const int kind = which[0], row = which[1];
        if (kind == INTERFACE) interface_element<D>(read, row, f);
        else if (kind == GIVEN) given_element<D>(row, f);
        else layer_element<D>(read, kind, row, f);
    }

    // The port above one more element
    template <int D> void add(Port<T, D> &p, const int32_t *which, Step<T, D> *step = nullptr) const {
        element<D>(which, [&](const auto &e, auto) HERE { join(p, e, step); });
    }

    Mat<T, 2, 2> sheet() const {
        auto total = zeros<T, 2, 2>();
        segments(film, [&](const Segment &segment) {
            auto port = closed<T, 2>(sink(segment.bottom));
            for (int k = 0; k < segment.count; k++) add(port, segment.elements + 3 * k);
            total = total + close(port, sink(segment.top));
        });
        return total;
    }

    // Between reservoirs, driven by the charge current along z alone: the port above the last element
    Port<T, 1> crossed_by_current(const Segment &segment, Step<T, 1> *steps = nullptr) const {
        Port<T, 1> port;
        element<3>(segment.elements, [&](const auto &e, auto) HERE { port = reservoir<T, 1>(along_z(e)); });
        for (int k = 1; k < segment.count; k++)
            element<3>(segment.elements + 3 * k, [&](const auto &e, auto) HERE { join(port, along_z(e), steps ? steps + k : nullptr); });
        return port;
    }
};

// A solved segment in one field, spin seen from the film's frame.
template <class S = Solver<V>> struct Walk {
    static constexpr int N = S::N;
    std::unique_ptr<typename S::Element[]> elements;
    std::unique_ptr<typename S::Taken[]> torques;
    std::unique_ptr<Eliminated<V, N>[]> Y;
    std::unique_ptr<Mat<V, N, 1>[]> b, psi;  // psi at every face
    Eliminated<V, N> closing;
    Mat<V, 3, N> into_bottom, into_top;      // what the magnetisations of the ends take up

    explicit Walk(const Film &film) {
        const int most = longest(film);
        elements.reset(new typename S::Element[most]), torques.reset(new typename S::Taken[most]), Y.reset(new Eliminated<V, N>[most]);
        b.reset(new Mat<V, N, 1>[most]), psi.reset(new Mat<V, N, 1>[most + 1]);
    }
    void solve(const S &solver, const Segment &segment, const Mat<V, 2, 1> &field) {
        Mat<V, N, N> below = solver.sink(segment.bottom, &into_bottom), top = solver.sink(segment.top, &into_top);
        auto source = zeros<V, N, 1>();
        for (int k = 0; k < segment.count; k++) {
            auto &e = elements[k];
            solver.template element<3>(segment.elements + 3 * k, [&](const auto &found, auto torque) { e = found, torques[k] = torque(); });
            below = below + e.lower_shunt;
            Y[k] = Eliminated<V, N>(below + e.through);
            b[k] = Y[k].solve(source - driven(e.lower_source, field));
            below = e.upper_shunt + upper_through(e) * Y[k].solve(below);
            source = driven(e.upper_source, field) + upper_through(e) * b[k];
        }
        closing = Eliminated<V, N>(below + top);
        psi[segment.count] = closing.solve(source);
        for (int k = segment.count - 1; k >= 0; k--) psi[k] = Y[k].solve(elements[k].through * psi[k + 1]) + b[k];
    }
};

// Asks memory for what comes next. Every column is a stream of its own, more of them than a processor follows by itself.
struct Streams {
    static constexpr int AHEAD = 24;  // films: three cache lines
    std::vector<const double *> columns;
    explicit Streams(const Film &film) {
        const int counts[KINDS] = {film.orbital ? M_ALL : M_ORBITAL, film.orbital ? F_ALL : F_ORBITAL, film.orbital ? I_ALL : I_ORBITAL, S_ALL, G_ALL};
        auto add = [&](const Column &c, int64_t rows) {
            for (int64_t row = 0; c.length > 1 && row < rows; row++) columns.push_back(c.data + row * c.length);
        };
        for (int kind = 0; kind < KINDS; kind++)
            for (int k = 0; film.rows[kind] && k < counts[kind]; k++) {
                int components = kind == GIVEN ? 9 : k == (kind == METAL ? int(M_SPIN_HALL_ANGLE) : int(F_SPIN_HALL_ANGLE)) && kind <= FERROMAGNET ? 6
                                 : kind == METAL && k == M_SPIN_SPLITTER ? 6 : 1;
                add(film.columns[kind][k], film.rows[kind] * components);
            }
        add(film.m, 3 * film.magnets), add(film.B, 3);
    }
    INLINE void fetch(int64_t film) const {
        if (film % 8 < W)
            for (const double *c : columns) __builtin_prefetch(c + film + AHEAD);
    }
};

template <class F> void groups(const Film &film, Range range, F f) {
    Streams streams(film);
    for (int64_t i = range.first; i < range.last; i += W) {
        streams.fetch(i);
        Group at{i, range.last - i};
        f(at, i - range.origin);
    }
}

}  // namespace
