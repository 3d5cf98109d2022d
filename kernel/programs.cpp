// The programs (circuit/kernel.py) for one instruction set: every name of it stays in this translation unit.
#include "fold.hpp"
#include <memory>
#include <vector>

namespace {

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

// m of the magnet whose conductances along and across m differ most
Vec<V> main_axis(const Film &film, Group at) {
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
        auto c = [&](int column) { return r.column(INTERFACE, row, column); };
        V re = c(I_MIXING_REAL), im = c(I_MIXING_IMAG), up = c(I_CONDUCTANCE_UP), down = c(I_CONDUCTANCE_DOWN);
        V mixing = select(c(I_MAGNETIC) > 0.0, select(re < 0.0, -re, re) + select(im < 0.0, -im, im), up);
        V share = mixing * (up + down) / (2.0 * up * down);
        take(INTERFACE, row, share * share);
    }
    for (int row = 0; row < film.sinks; row++) {
        auto c = [&](int column) { return r.column(INSULATOR, row, column); };
        V re = c(S_MIXING_REAL), im = c(S_MIXING_IMAG);
        V share = 1.0 + (select(re < 0.0, -re, re) + select(im < 0.0, -im, im)) / (c(S_SINK) + 2.2250738585072014e-308);
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

template <class T> struct Solver {
    const Film &film;
    Reader<T> read;
    Vec<V> axis;
    Mat<V, 3, 3> R;

    template <class S> Solver(const Solver<S> &other, Group at) : film(other.film), read{other.film, at}, axis(other.axis), R(other.R) {}
    Solver(const Film &film, Group at) : film(film), read{film, at}, axis(main_axis(film, at)), R(frame(axis)) {}

    INLINE Law<T> law(int kind, int row) const { return kind == METAL ? metal(read, row, axis) : ferromagnet(read, row); }
    INLINE T thickness(int kind, int row) const { return read.column(Kind(kind), row, kind == METAL ? int(M_THICKNESS) : int(F_THICKNESS)); }

    Mat<T, 3, 3> sink(const Ends &ends, Mat<T, 3, 3> *torque = nullptr) const {
        auto total = zeros<T, 3, 3>();
        if (torque) *torque = zeros<T, 3, 3>();
        for (int k = 0; k < ends.count; k++) {
            Mat<T, 3, 3> shunt, taken;
            insulator(read, ends.rows[k], R, shunt, taken);
            total = total + shunt;
            if (torque) *torque = *torque + taken;
        }
        return total;
    }

    // An element with all its arrays
    template <int D> void whole(const int32_t *which, Element<T, D> &e, Torque<T> *torque) const {
        const int kind = which[0], row = which[1];
        if (kind == INTERFACE) {
            interface<D>(read, row, R, e, torque);
            complete(e, Shape::INTERFACE);
        } else if (kind == GIVEN)
            given<D>(read, row, R, e, torque);
        else {
            Law<T> l = law(kind, row).turned(R);
            layer<D>(l, thickness(kind, row), e);
            complete(e, Shape::LAYER);
            if (torque) {
                torque->lower = torque->upper = torque_fraction(l) * e.lower_shunt;
                torque->source = zeros<T, 3, 2>();
            }
        }
    }

    template <int D> __attribute__((noinline)) void add_metal(Port<T, D> &p, int row) const {
        Element<T, D> e;
        layer<D>(metal(read, row, axis).turned(R), thickness(METAL, row), e);
        join<Shape::LAYER>(p, e);
    }
    template <int D> __attribute__((noinline)) void add_ferromagnet(Port<T, D> &p, int row) const {
        Element<T, D> e;
        layer<D>(ferromagnet(read, row).turned(R), thickness(FERROMAGNET, row), e);
        join<Shape::LAYER>(p, e);
    }
    template <int D> __attribute__((noinline)) void add_interface(Port<T, D> &p, int row) const {
        Element<T, D> e;
        interface<D>(read, row, R, e, static_cast<Torque<T> *>(nullptr));
        join<Shape::INTERFACE>(p, e);
    }
    template <int D> __attribute__((noinline)) void add_given(Port<T, D> &p, int row) const {
        Element<T, D> e;
        given<D>(read, row, R, e, static_cast<Torque<T> *>(nullptr));
        join<Shape::GIVEN>(p, e);
    }
    template <int D> void add(Port<T, D> &p, const int32_t *which) const {
        switch (which[0]) {
        case METAL: return add_metal(p, which[1]);
        case FERROMAGNET: return add_ferromagnet(p, which[1]);
        case INTERFACE: return add_interface(p, which[1]);
        default: return add_given(p, which[1]);
        }
    }

    Mat<T, 2, 2> sheet() const {
        auto total = zeros<T, 2, 2>();
        const int32_t *at = film.segments;
        for (int64_t s = 0; s < film.segment_count; s++) {
            Segment segment(at);
            at = segment.next;
            auto port = closed<T, 2>(sink(segment.bottom));
            for (int k = 0; k < segment.count; k++) add(port, segment.elements + 3 * k);
            if (segment.top.count) {
                auto top = sink(segment.top);
                total = total + close(port, &top);
            } else
                total = total + close(port, static_cast<const Mat<T, 3, 3> *>(nullptr));
        }
        return total;
    }

    T perpendicular() const {
        Segment segment(film.segments);
        Element<T, 3> e;
        whole<3>(segment.elements, e, nullptr);
        auto port = reservoir(e);
        for (int k = 1; k < segment.count; k++) add(port, segment.elements + 3 * k);
        return port.direct(2, 2);
    }
};

// Asks memory for what comes next. Every column is a stream of its own, more of them than a processor follows by itself.
struct Streams {
    static constexpr int AHEAD = 24;  // films: three cache lines
    std::vector<const double *> columns;
    explicit Streams(const Film &film) {
        static const int counts[KINDS] = {8, 13, 17, 3, 12};
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

void sheet(const Film *film, Range range, double *G) {
    groups(*film, range, [&](Group at, int64_t to) {
        auto found = Solver<V>(*film, at).sheet();
        for (int k = 0; k < 4; k++) store(G + k * range.size + to, at, found(k / 2, k % 2));
    });
}

void sheet_slope(const Film *film, Range range, const Column *along, double *G, double *slope) {
    groups(*film, range, [&](Group at, int64_t to) {
        Solver<Dual<1>> solver(*film, at);
        solver.read.along = along;
        auto found = solver.sheet();
        for (int k = 0; k < 4; k++) {
            store(G + k * range.size + to, at, found(k / 2, k % 2).v);
            store(slope + k * range.size + to, at, found(k / 2, k % 2).d[0]);
        }
    });
}

void perpendicular(const Film *film, Range range, double *resistance) {
    groups(*film, range, [&](Group at, int64_t to) { store(resistance + to, at, Solver<V>(*film, at).perpendicular()); });
}

// What a walk up keeps of an element: psi_lower = A psi_upper + b per drive, and what the adjoint potentials need.
template <int C> struct Step {
    Mat<V, 3, 3> A;
    Mat<V, 3, C> b;
};

void faces(const Film *film, Range range, const Column *E, double *psi, double *Q, double *responses, double *torque, double *mean) {
    int most = 0;
    const int32_t *p = film->segments;
    for (int64_t s = 0; s < film->segment_count; s++) {
        Segment segment(p);
        p = segment.next;
        most = segment.count > most ? segment.count : most;
    }
    std::unique_ptr<Torque<V>[]> torques(new Torque<V>[most]);
    std::unique_ptr<Step<1>[]> steps(new Step<1>[most]);
    std::unique_ptr<Mat<V, 3, 1>[]> inside(new Mat<V, 3, 1>[most + 1]);
    std::unique_ptr<Element<V, 3>[]> full(new Element<V, 3>[most]);
    groups(*film, range, [&](Group at, int64_t to) {
        Solver<V> solver(*film, at);
        Mat<V, 3, 3> lab = transpose(solver.R);
        Mat<V, 2, 1> d{{{component(*E, 0, at)}, {component(*E, 1, at)}}};
        auto put = [&](double *out, int64_t row, const Mat<V, 3, 1> &v) {
            for (int i = 0; i < 3; i++) store(out + (3 * row + i) * range.size + to, at, v(i, 0));
        };
        const int32_t *next = film->segments;
        for (int64_t s = 0; s < film->segment_count; s++) {
            Segment segment(next);
            next = segment.next;
            const int n = segment.count;
            Mat<V, 3, 3> into_bottom, into_top, bottom = solver.sink(segment.bottom, &into_bottom), top = solver.sink(segment.top, &into_top);
            Mat<V, 3, 3> Y = bottom;
            auto source = zeros<V, 3, 1>();
            auto field = [&](const auto &a) {  // the columns of the field
                return make<3, 1>([&](int i, int) { return a(i, 0) * d(0, 0) + a(i, 1) * d(1, 0); });
            };
            for (int k = 0; k < n; k++) {
                Element<V, 3> &e = full[k];
                solver.whole<3>(segment.elements + 3 * k, e, &torques[k]);
                Y = Y + e.lower_shunt;
                Eliminated<V> eliminated(Y + e.through);
                auto solved = eliminated.solve(Y);
                steps[k].A = eliminated.solve(e.through);
                steps[k].b = eliminated.solve(source - field(e.lower_source));
                Y = e.upper_shunt + e.through * solved;
                source = field(e.upper_source) + e.through * steps[k].b;
            }
            inside[n] = Eliminated<V>(Y + top).solve(source);
            for (int k = n - 1; k >= 0; k--) inside[k] = steps[k].A * inside[k + 1] + steps[k].b;
            for (int k = 0; k < n; k++) {
                const Element<V, 3> &e = full[k];
                const int32_t *which = segment.elements + 3 * k;
                const int position = which[2];
                auto lower = inside[k], upper = inside[k + 1], drop = lower - upper;
                auto low = e.through * drop + e.lower_shunt * lower + field(e.lower_source);
                auto high = e.through * drop - e.upper_shunt * upper + field(e.upper_source);
                auto r = e.across * drop + e.lower_response * lower + e.upper_response * upper + field(e.direct);
                auto taken = torques[k].lower * lower + torques[k].upper * upper + field(torques[k].source);
                auto lower_lab = lab * lower, upper_lab = lab * upper;
                put(psi, 2 * position, lower_lab), put(psi, 2 * position + 1, upper_lab);
                put(Q, 2 * position, lab * low), put(Q, 2 * position + 1, lab * high);
                put(responses, position, r), put(torque, position, lab * taken);
                if (which[0] == METAL || which[0] == FERROMAGNET) {
                    Law<V> l = solver.law(which[0], which[1]);
                    V per_t = 1.0 / solver.thickness(which[0], which[1]);
                    auto force = make<3, 1>([&](int i, int) { return (lower_lab(i, 0) - upper_lab(i, 0)) * per_t; });
                    V along = l.axis[0] * force(0, 0) + l.axis[1] * force(1, 0) + l.axis[2] * force(2, 0);
                    auto generated = field(l.source);
                    put(mean, position, make<3, 1>([&](int i, int) {
                            V part = along * l.axis[i];
                            return l.longitudinal * part + l.transverse * (force(i, 0) - part) + generated(i, 0);
                        }));
                }
                if (k == 0 && segment.bottom.count) {
                    put(psi, 2 * segment.bottom.position + 1, lower_lab), put(Q, 2 * segment.bottom.position + 1, lab * low);
                }
                if (k == n - 1 && segment.top.count) {
                    put(psi, 2 * segment.top.position, upper_lab), put(Q, 2 * segment.top.position, lab * high);
                }
            }
            // an insulator between two conductors takes up torque from both
            auto gain = [&](const Ends &ends, const Mat<V, 3, 3> &into, const Mat<V, 3, 1> &at_face) {
                if (!ends.count) return;
                auto taken = lab * (into * at_face);
                for (int i = 0; i < 3; i++) {
                    double *where = torque + (3 * ends.position + i) * range.size + to;
                    for (int k = 0; k < W && k < at.left; k++) where[k] += taken(i, 0)[k];
                }
            };
            gain(segment.bottom, into_bottom, inside[0]), gain(segment.top, into_top, inside[n]);
        }
    });
}

void inside(const Film *film, Range range, const Column *fraction, const Column *lower, const Column *upper, const Column *E, double *psi,
            double *Q, double *drop, double *j) {
    groups(*film, range, [&](Group at, int64_t to) {
        Reader<V> read{*film, at};
        Vec<V> main = main_axis(*film, at);
        V f = component(*fraction, 0, at), d[2] = {component(*E, 0, at), component(*E, 1, at)};
        int64_t n = 0;
        for (int kind : {METAL, FERROMAGNET})
            for (int row = 0; row < film->rows[kind]; row++, n++) {
                Law<V> l = kind == METAL ? metal(read, row, main) : ferromagnet(read, row);
                V t = read.column(Kind(kind), row, kind == METAL ? int(M_THICKNESS) : int(F_THICKNESS)), t2 = t * t;
                V h = precession_rate(l, t2), K_a = l.longitudinal / t, K_t = l.transverse / t;
                Axis<V> axis(l.axis);
                auto matrices = [&](V f, Mat<V, 3, 3> &value, Mat<V, 3, 3> &slope) {
                    auto a = interior(l.k2_longitudinal * t2, V{}, f), c = interior(l.k2_transverse * t2, h * t2, f);
                    value = axis.about(a.value.re, c.value.re, c.value.im / h, l.precession);
                    slope = axis.about(K_a * a.slope.re, K_t * c.slope.re, K_t * c.slope.im / h, l.precession);
                };
                Mat<V, 3, 3> value_up, slope_up, value_down, slope_down;
                matrices(f, value_up, slope_up), matrices(1.0 - f, value_down, slope_down);
                Vec<V> low, high;
                for (int i = 0; i < 3; i++) low[i] = component(*lower, 3 * n + i, at), high[i] = component(*upper, 3 * n + i, at);
                Vec<V> a = value_down * low, b = value_up * high, p, u = slope_down * low, v = slope_up * high, flux, force;
                for (int i = 0; i < 3; i++) p[i] = a[i] + b[i], flux[i] = u[i] - v[i];
                V along = dot(l.axis, flux);
                V ohmic = -(l.charge_source[0] * d[0] + l.charge_source[1] * d[1]) / l.charge, lost{};
                for (int i = 0; i < 3; i++) {
                    V part = along * l.axis[i];
                    force[i] = part / l.longitudinal + (flux[i] - part) / l.transverse;
                    lost = lost + l.axis[i] * (low[i] - p[i]);
                    store(psi + (3 * n + i) * range.size + to, at, p[i]);
                    store(Q + (3 * n + i) * range.size + to, at, flux[i] + l.source(i, 0) * d[0] + l.source(i, 1) * d[1]);
                }
                store(drop + n * range.size + to, at, f * t * ohmic - l.polarization * lost);
                for (int i = 0; i < 2; i++) {
                    V in = l.inplane(i, 0) * d[0] + l.inplane(i, 1) * d[1] + l.charge_inverse[i] * ohmic;
                    for (int k = 0; k < 3; k++) in = in + l.inverse(i, k) * force[k];
                    store(j + (2 * n + i) * range.size + to, at, in);
                }
            }
    });
}

// derivatives in one pass over an element
#ifndef DERIVATIVES
#define DERIVATIVES 2
#endif
constexpr int PASS = DERIVATIVES;

// What the response is stationary in the potentials of (docs/methods/composition.md, Derivatives): the share of one element
template <class T> INLINE Mat<T, 2, 2> balance(const Element<T, 2> &e, const Mat<V, 3, 2> &psi_L, const Mat<V, 3, 2> &psi_R,
                                               const Mat<V, 3, 2> &chi_L, const Mat<V, 3, 2> &chi_R) {
    auto drop = psi_L - psi_R;
    auto into = e.through * drop + e.lower_shunt * psi_L + e.lower_source;
    auto out = e.through * drop - e.upper_shunt * psi_R + e.upper_source;
    auto own = e.across * drop + e.lower_response * psi_L + e.upper_response * psi_R + e.direct;
    return own - transpose(chi_L) * into + transpose(chi_R) * out;
}

// left_i . M right_j of a matrix M about an axis, by its rates
struct Contracted {
    Mat<V, 2, 2> along, across, turn;
    INLINE Contracted(const Mat<V, 3, 2> &left, const Mat<V, 3, 2> &right, const Vec<V> &a) {
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++) {
                Vec<V> l{{left(0, i), left(1, i), left(2, i)}}, r{{right(0, j), right(1, j), right(2, j)}};
                along(i, j) = dot(l, a) * dot(r, a);
                across(i, j) = dot(l, r) - along(i, j);
                turn(i, j) = dot(l, Vec<V>{{r[1] * a[2] - r[2] * a[1], r[2] * a[0] - r[0] * a[2], r[0] * a[1] - r[1] * a[0]}});
            }
    }
    INLINE void add(const Contracted &c) { along = along + c.along, across = across + c.across, turn = turn + c.turn; }
    template <class T> INLINE T times(const Rates<T> &r, int i, int j) const {
        return r.along * along(i, j) + r.across * across(i, j) + r.turn * turn(i, j);
    }
};

// :func:`balance` of a layer or an interface whose direction stands still, from potentials along x, y, z
struct Still {
    Mat<V, 3, 2> psi_L, psi_R, chi_L, chi_R, drop, gap;
    Vec<V> axis;
    Contracted through, lower, upper;
    INLINE Still(const Mat<V, 3, 2> &psi_L, const Mat<V, 3, 2> &psi_R, const Mat<V, 3, 2> &chi_L, const Mat<V, 3, 2> &chi_R, const Vec<V> &axis)
        : psi_L(psi_L), psi_R(psi_R), chi_L(chi_L), chi_R(chi_R), drop(psi_L - psi_R), gap(chi_L - chi_R), axis(axis),
          through(gap, drop, axis), lower(chi_L, psi_L, axis), upper(chi_R, psi_R, axis) {}

    template <class T> INLINE Mat<T, 2, 2> layer(const Law<T> &l, T t) const {
        auto found = rates(l, t);
        T w = dot(l.precession, l.axis), resistance = t / l.charge;
        found.through.turn = found.through.turn * w, found.shunt.turn = found.shunt.turn * w;
        return make<2, 2>([&](int i, int j) {
            T own = t * l.inplane(i, j) - resistance * l.charge_inverse[i] * l.charge_source[j];
            for (int k = 0; k < 3; k++) own = own + l.inverse(i, k) * drop(k, j) - gap(k, i) * l.source(k, j);
            return own - through.times(found.through, i, j) - lower.times(found.shunt, i, j) - upper.times(found.shunt, i, j);
        });
    }
    template <class T> INLINE Mat<T, 2, 2> interface(const InterfaceNumbers<T> &n) const {
        // z x E of both drives, and m x (z x E)
        const Vec<V> &m = axis;
        Mat<V, 3, 2> Z{{{V{}, splat(-1.0)}, {splat(1.0), V{}}, {V{}, V{}}}}, mZ{{{-m[2], V{}}, {V{}, -m[2]}, {m[0], m[1]}}};
        auto chi_L_Z = transpose(chi_L) * Z, chi_R_Z = transpose(chi_R) * Z, chi_L_mZ = transpose(chi_L) * mZ, chi_R_mZ = transpose(chi_R) * mZ;
        auto Z_L = transpose(Z) * psi_L, Z_R = transpose(Z) * psi_R, mZ_L = transpose(mZ) * psi_L, mZ_R = transpose(mZ) * psi_R;
        return make<2, 2>([&](int i, int j) {
            T back = (n.high * Z_R(i, j) - n.high_turned * mZ_R(i, j)) - (n.low * Z_L(i, j) - n.low_turned * mZ_L(i, j));
            T own = n.weight * back;
            if (i == j) own = own + n.sheet;
            own = own - (n.low * chi_L_Z(i, j) + n.low_turned * chi_L_mZ(i, j)) + (n.high * chi_R_Z(i, j) + n.high_turned * chi_R_mZ(i, j));
            return own - through.times(n.through, i, j) - lower.times(n.lower, i, j) - upper.times(n.upper, i, j);
        });
    }
};

void sheet_jacobian(const Film *film, Range range, const Asked *asked, int64_t count, double *G, double *jacobian) {
    int most = 0;
    const int32_t *p = film->segments;
    for (int64_t s = 0; s < film->segment_count; s++) {
        Segment segment(p);
        p = segment.next;
        most = segment.count > most ? segment.count : most;
    }
    struct Kept {
        Mat<V, 3, 3> A, through;
        Mat<V, 3, 2> b;
        Mat<V, 2, 3> reached;  // (response + lower_response + across)
        Eliminated<V> eliminated;
        Kept() : eliminated(Mat<V, 3, 3>{}) {}
    };
    std::unique_ptr<Kept[]> kept(new Kept[most]);
    std::unique_ptr<Mat<V, 3, 2>[]> psi(new Mat<V, 3, 2>[most + 1]), chi(new Mat<V, 3, 2>[most + 1]);
    // the asked numbers that a row depends on, in passes, the last filled up with none
    std::vector<std::vector<const Asked *>> passes;
    std::vector<size_t> first[KINDS];  // of each row two: its own numbers, and those that turn it
    for (int kind = 0; kind < KINDS; kind++)
        for (int row = 0; row < film->rows[kind]; row++) {
            std::vector<const Asked *> mine, turning;
            for (const Asked *a = asked; a < asked + count; a++) {
                bool own = a->kind == kind && a->row == row;
                bool m = a->kind == KINDS && kind != METAL && kind != GIVEN && film->magnet_of[kind][row] == a->row;
                bool B = a->kind == KINDS + 1 && (kind == METAL || kind == FERROMAGNET);
                if (own) (kind == INSULATOR || kind == GIVEN ? turning : mine).push_back(a);
                if (m || B) turning.push_back(a);
            }
            first[kind].push_back(passes.size());
            for (auto *part : {&mine, &turning}) {
                part->resize((part->size() + PASS - 1) / PASS * PASS, nullptr);
                passes.push_back(*part);
            }
        }
    auto asked_of = [&](int kind, int row, int which) -> const std::vector<const Asked *> & { return passes[first[kind][row] + which]; };
    groups(*film, range, [&](Group at, int64_t to) {
        Solver<V> solver(*film, at);
        Solver<Dual<PASS>> dual(solver, at);
        const Mat<V, 3, 3> lab = transpose(solver.R);
        auto total = zeros<V, 2, 2>();
        const int32_t *next = film->segments;
        for (int64_t s = 0; s < film->segment_count; s++) {
            Segment segment(next);
            next = segment.next;
            const int n = segment.count;
            auto top = solver.sink(segment.top);
            auto port = closed<V, 2>(solver.sink(segment.bottom));
            for (int k = 0; k < n; k++) {
                Element<V, 2> e;
                solver.whole<2>(segment.elements + 3 * k, e, nullptr);
                Kept &step = kept[k];
                auto Y = port.Y + e.lower_shunt;
                step.eliminated = Eliminated<V>(Y + e.through);
                auto solved = step.eliminated.solve(Y);
                step.A = step.eliminated.solve(e.through), step.through = e.through;
                step.b = step.eliminated.solve(port.source - e.lower_source);
                auto response = port.response + e.lower_response;
                step.reached = response + e.across;
                port.direct = port.direct + e.direct + step.reached * step.b;
                port.response = response * step.A - e.across * solved + e.upper_response;
                port.Y = e.upper_shunt + e.through * solved;
                port.source = e.upper_source + e.through * step.b;
            }
            Eliminated<V> closing(port.Y + top);
            psi[n] = closing.solve(port.source);
            chi[n] = transpose(closing.reach(port.response));
            total = total + port.direct + port.response * psi[n];
            for (int k = n - 1; k >= 0; k--) {
                psi[k] = kept[k].A * psi[k + 1] + kept[k].b;
                chi[k] = transpose(kept[k].eliminated.reach(kept[k].reached + transpose(chi[k + 1]) * kept[k].through));
            }
            auto gain = [&](const Asked *const *mine, const Mat<Dual<PASS>, 2, 2> &change) {
                for (int k = 0; k < PASS && mine[k]; k++)
                    for (int c = 0; c < 4; c++) {
                        double *where = jacobian + ((mine[k] - asked) * 4 + c) * range.size + to;
                        store(where, at, load(where, 2, {0, at.left}) + change(c / 2, c % 2).d[k]);
                    }
            };
            auto still = [&](const int32_t *which, const std::vector<const Asked *> &own, const Mat<V, 3, 2> &psi_L, const Mat<V, 3, 2> &psi_R,
                             const Mat<V, 3, 2> &chi_L, const Mat<V, 3, 2> &chi_R) {
                const int kind = which[0], row = which[1];
                Vec<V> axis = kind == INTERFACE ? solver.read.m(INTERFACE, row) : kind == FERROMAGNET ? solver.read.m(FERROMAGNET, row) : metal(solver.read, row, solver.axis).axis;
                Still element(lab * psi_L, lab * psi_R, lab * chi_L, lab * chi_R, axis);
                for (size_t start = 0; start < own.size(); start += PASS) {
                    dual.read.asked = own.data() + start;
                    if (kind == INTERFACE) gain(own.data() + start, element.interface(interface_numbers(dual.read, row)));
                    else if (kind == METAL) gain(own.data() + start, element.layer(metal(dual.read, row, dual.axis), dual.thickness(METAL, row)));
                    else gain(own.data() + start, element.layer(ferromagnet(dual.read, row), dual.thickness(FERROMAGNET, row)));
                }
            };
            for (int k = 0; k < n; k++) {
                const int32_t *which = segment.elements + 3 * k;
                const auto &own = asked_of(which[0], which[1], 0);
                if (!own.empty()) still(which, own, psi[k], psi[k + 1], chi[k], chi[k + 1]);
                const auto &mine = asked_of(which[0], which[1], 1);
                for (size_t start = 0; start < mine.size(); start += PASS) {
                    dual.read.asked = mine.data() + start;
                    Element<Dual<PASS>, 2> e;
                    dual.template whole<2>(which, e, nullptr);
                    gain(mine.data() + start, balance(e, psi[k], psi[k + 1], chi[k], chi[k + 1]));
                }
            }
            auto end = [&](const Ends &ends, const Mat<V, 3, 2> &psi, const Mat<V, 3, 2> &chi) {
                for (int k = 0; k < ends.count; k++) {
                    const auto &mine = asked_of(INSULATOR, ends.rows[k], 1);
                    for (size_t start = 0; start < mine.size(); start += PASS) {
                        dual.read.asked = mine.data() + start;
                        Mat<Dual<PASS>, 3, 3> shunt, taken;
                        insulator(dual.read, ends.rows[k], dual.R, shunt, taken);
                        auto change = transpose(chi) * (shunt * psi);
                        gain(mine.data() + start, make<2, 2>([&](int i, int j) { return -change(i, j); }));
                    }
                }
            };
            end(segment.bottom, psi[0], chi[0]), end(segment.top, psi[n], chi[n]);
        }
        for (int k = 0; k < 4; k++) store(G + k * range.size + to, at, total(k / 2, k % 2));
    });
}

}  // namespace

#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
extern "C" __attribute__((visibility("hidden"))) const Programs NAMED(programs_, LANES) = {sheet, sheet_slope, sheet_jacobian, perpendicular, faces, inside};
