// Derivatives of all programs but the sheet conductance by asked numbers, for one instruction set.
#include "adjoint.hpp"

namespace {

// Derivatives (asked, rows, film) of one array of a program
struct Array {
    double *data;
    int64_t rows;
};

// Where the derivatives of one lane group go: set to zero first, then gathered
struct Gathering {
    const Film &film;
    const Plan &plan;
    Range range;
    Group at;
    int64_t to;

    void clear(const Array &a) const {
        for (int64_t row = 0; row < plan.count * a.rows; row++) store(a.data + row * range.size + to, at, V{});
    }
    void add(const Array &a, int64_t index, int64_t row, V v) const {
        double *where = a.data + (index * a.rows + row) * range.size + to;
        store(where, at, load(where, 2, {0, at.left}) + v);
    }
    template <int R> void add(const Array &a, int64_t index, int64_t row, const Mat<V, R, 1> &v) const {
        for (int i = 0; i < R; i++) add(a, index, row * R + i, v(i, 0));
    }
};

// The derivative by variable k; none where k is negative or nothing depends on a variable
template <class X> INLINE V by(const X &x, int k) {
    if constexpr (is_dual<X>) return k < 0 ? V{} : x.d[k];
    else return V{};
}
template <class X> INLINE int place_of(int variable) {
    if constexpr (is_dual<X>) return among<X::set>(variable);
    else return -1;
}
template <class X, int R> INLINE Mat<V, R, 1> by(const Mat<X, R, 1> &x, int variable) {
    const int k = place_of<X>(variable);
    return make<R, 1>([&](int i, int) { return by(x(i, 0), k); });
}

// f(reader, wishes, member of a wish that is its variable) for every set of variables of an element
template <bool LAYER, class F> void variables(const Solver<V> &solver, const Plan &plan, int kind, int row, F f) {
    const Wishes &w = plan.rows[kind][row];
    if (!w.columns.empty()) f(Reader<V, By::COLUMNS>{solver.film, solver.read.at}, w.columns, &Wish::column);
    if (!w.m.empty()) f(Reader<V, By::M>{solver.film, solver.read.at}, w.m, &Wish::component);
    if constexpr (LAYER)
        if (!plan.field.empty()) f(Reader<V, By::FIELD>{solver.film, solver.read.at}, plan.field, &Wish::component);
}

void perpendicular(const Film *film, Range range, const Asked *asked, int64_t count, double *resistance, double *jacobian) {
    const Plan plan(*film, asked, count);
    const int most = longest(*film);
    std::unique_ptr<Step<V, 1>[]> steps(new Step<V, 1>[most]);
    std::unique_ptr<Mat<V, 3, 1>[]> psi(new Mat<V, 3, 1>[most + 1]), chi(new Mat<V, 3, 1>[most + 1]);
    const Array out{jacobian, 1};
    groups(*film, range, [&](Group at, int64_t to) {
        const Solver<V> solver(*film, at);
        const Segment segment(film->segments);
        const Gathering gather{*film, plan, range, at, to};
        gather.clear(out);
        store(resistance + to, at, solver.crossed_by_current(segment, steps.get()).direct(0, 0));
        psi[segment.count] = psi[0] = chi[segment.count] = chi[0] = zeros<V, 3, 1>();  // reservoirs at both ends
        for (int k = segment.count - 1; k > 0; k--)
            psi[k] = steps[k].carried(psi[k + 1]) + steps[k].b, chi[k] = steps[k].adjoint(chi[k + 1]);
        for (int k = 0; k < segment.count; k++) {
            const int32_t *which = segment.elements + 3 * k;
            const int kind = which[0], row = which[1];
            auto share = [&](const auto &e) HERE { return balance(along_z(e), psi[k], psi[k + 1], chi[k], chi[k + 1]); };
            if (kind == GIVEN) {
                for (const Wish &wish : plan.rows[kind][row].entries) gather.add(out, wish.index, 0, share(given<3>(given_unit(wish), solver.R))(0, 0));
                continue;
            }
            auto taking = [&](const std::vector<Wish> &wishes, int Wish::*variable) {
                return [&gather, &out, &share, &wishes, variable](const auto &e, auto) HERE {
                    const auto change = share(e);
                    for (const Wish &wish : wishes) gather.add(out, wish.index, 0, by(change, wish.*variable)(0, 0));
                };
            };
            if (kind == INTERFACE)
                variables<false>(solver, plan, kind, row, [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
                    solver.interface_element<3>(reader, row, taking(wishes, variable));
                });
            else
                variables<true>(solver, plan, kind, row, [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
                    solver.layer_element<3>(reader, kind, row, taking(wishes, variable));
                });
        }
    });
}

// Changes of what enters and leaves an element, and of what is read off it, at potentials that stand still
struct Change {
    Mat<V, 3, 1> into, out, responses, torque, mean;
};

struct Faces {
    const Plan &plan;
    Array psi, Q, responses, torque, mean;
    Walk<> walk;
    std::unique_ptr<Mat<V, 3, 3>[]> conducting;  // mean spin current of a layer by the drop of psi
    std::unique_ptr<Mat<V, 3, 1>[]> change;      // of psi at every face

    Faces(const Film &film, const Plan &plan, double *psi, double *Q, double *responses, double *torque, double *mean)
        : plan(plan), psi{psi, 6 * film.positions}, Q{Q, 6 * film.positions}, responses{responses, 3 * film.positions},
          torque{torque, 3 * film.positions}, mean{mean, 3 * film.positions}, walk(film), conducting(new Mat<V, 3, 3>[longest(film)]),
          change(new Mat<V, 3, 1>[longest(film) + 1]) {}

    // Everything that follows from spin current put in at faces: at the lower and upper face of element k, or at an end
    void follow(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int64_t index, int face, const Mat<V, 3, 1> &lower,
                const Mat<V, 3, 1> &upper) {
        const int n = segment.count;
        auto source = zeros<V, 3, 1>();
        for (int k = 0; k < n; k++) {
            if (k == face) source = source + lower;
            change[k] = walk.Y[k].solve(source);
            source = walk.elements[k].through * change[k];
            if (k == face) source = source + upper;
        }
        if (n == face) source = source + lower;
        change[n] = walk.closing.solve(source);
        for (int k = n - 1; k >= 0; k--) change[k] = walk.Y[k].solve(walk.elements[k].through * change[k + 1]) + change[k];
        const Mat<Zero, 2, 1> none{};
        for (int k = 0; k < n; k++) {
            const int32_t *which = segment.elements + 3 * k;
            auto c = currents(walk.elements[k], change[k], change[k + 1], none);
            Change now{c.into, c.out, c.responses, absorbed(walk.torques[k], change[k], change[k + 1], none), zeros<V, 3, 1>()};
            if (which[0] == METAL || which[0] == FERROMAGNET) now.mean = transpose(solver.R) * (conducting[k] * (change[k] - change[k + 1]));
            write(gather, solver, segment, index, k, now);
            write_psi(gather, solver, segment, index, k, change[k], change[k + 1]);
        }
        write_ends(gather, solver, segment, index, walk.into_bottom * change[0], walk.into_top * change[n]);
    }
    void write(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int64_t index, int k, const Change &c) const {
        const int position = segment.elements[3 * k + 2];
        const auto lab = transpose(solver.R);
        auto low = lab * c.into, high = lab * c.out;
        gather.add(Q, index, 2 * position, low), gather.add(Q, index, 2 * position + 1, high);
        if (k == 0 && segment.bottom.count) gather.add(Q, index, 2 * segment.bottom.position + 1, low);
        if (k == segment.count - 1 && segment.top.count) gather.add(Q, index, 2 * segment.top.position, high);
        gather.add(responses, index, position, c.responses), gather.add(torque, index, position, lab * c.torque);
        gather.add(mean, index, position, c.mean);
    }
    void write_psi(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int64_t index, int k, const Mat<V, 3, 1> &lower,
                   const Mat<V, 3, 1> &upper) const {
        const int position = segment.elements[3 * k + 2];
        auto low = transpose(solver.R) * lower, high = transpose(solver.R) * upper;
        gather.add(psi, index, 2 * position, low), gather.add(psi, index, 2 * position + 1, high);
        if (k == 0 && segment.bottom.count) gather.add(psi, index, 2 * segment.bottom.position + 1, low);
        if (k == segment.count - 1 && segment.top.count) gather.add(psi, index, 2 * segment.top.position, high);
    }
    void write_ends(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int64_t index, const Mat<V, 3, 1> &bottom,
                    const Mat<V, 3, 1> &top) const {
        if (segment.bottom.count) gather.add(torque, index, segment.bottom.position, transpose(solver.R) * bottom);
        if (segment.top.count) gather.add(torque, index, segment.top.position, transpose(solver.R) * top);
    }

    // All that an element's own change does
    void element(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int64_t index, int k, const Change &c) {
        write(gather, solver, segment, index, k, c);
        follow(gather, solver, segment, index, k, -c.into, c.out);
    }
    // The field's own: the solution in a field of one alone along x or y
    void along(const Gathering &gather, const Solver<V> &solver, const Segment &segment, const Mat<V, 2, 1> &field, int64_t index) {
        walk.solve(solver, segment, field);
        for (int k = 0; k < segment.count; k++) {
            const int32_t *which = segment.elements + 3 * k;
            const auto &lower = walk.psi[k], &upper = walk.psi[k + 1];
            auto c = currents(walk.elements[k], lower, upper, field);
            Change now{c.into, c.out, c.responses, absorbed(walk.torques[k], lower, upper, field), zeros<V, 3, 1>()};
            if (which[0] == METAL || which[0] == FERROMAGNET)
                solver.law(solver.read, which[0], which[1], [&](const auto &l, V t) {
                    const auto lab = transpose(solver.R);
                    now.mean = mean_spin_current(l, t, lab * lower, lab * upper, field);
                });
            write(gather, solver, segment, index, k, now), write_psi(gather, solver, segment, index, k, lower, upper);
        }
        write_ends(gather, solver, segment, index, walk.into_bottom * walk.psi[0], walk.into_top * walk.psi[segment.count]);
    }
    void layer(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int k, const Mat<V, 2, 1> &field) {
        const int32_t *which = segment.elements + 3 * k;
        const int kind = which[0], row = which[1];
        const auto lab = transpose(solver.R);
        const auto &lower = walk.psi[k], &upper = walk.psi[k + 1];
        variables<true>(solver, plan, kind, row, [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
            solver.law(reader, kind, row, [&](const auto &found, const auto &t) {
                auto l = found.turned(solver.R);
                auto e = ::layer<2>(l, t);
                auto c = currents(e, lower, upper, field);
                auto dropped = -(t * (l.charge_source * field)(0, 0)) - l.polarization * (transpose(column(l.axis)) * (lower - upper))(0, 0);
                auto taken = absorbed(layer_torque(l, e.lower_shunt), lower, upper, field);
                auto through = mean_spin_current(found, t, lab * lower, lab * upper, field);
                for (const Wish &wish : wishes) {
                    const int v = wish.*variable;
                    auto in_plane = by(c.responses, v);
                    Change now{by(c.into, v), by(c.out, v), {}, by(taken, v), by(through, v)};
                    now.responses = {{{in_plane(0, 0)}, {in_plane(1, 0)}, {by(dropped, place_of<decltype(dropped)>(v))}}};
                    element(gather, solver, segment, wish.index, k, now);
                }
            });
        });
        for (const Wish &wish : plan.rows[kind][row].entries) {
            auto spin = generated_unit(solver, kind, row, wish);
            auto source = spin.source * field;
            auto answered = (spin.inverse * lab) * (lower - upper);
            Change now{solver.R * source, solver.R * source, {{{answered(0, 0)}, {answered(1, 0)}, {V{}}}}, zeros<V, 3, 1>(), source};
            element(gather, solver, segment, wish.index, k, now);
        }
    }
    void interface(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int k, const Mat<V, 2, 1> &field) {
        const auto &lower = walk.psi[k], &upper = walk.psi[k + 1];
        const int row = segment.elements[3 * k + 1];
        variables<false>(solver, plan, INTERFACE, row, [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
            solver.template interface_element<3>(reader, row, [&](const auto &e, auto torques) {
                auto c = currents(e, lower, upper, field);
                auto taken = absorbed(torques(), lower, upper, field);
                for (const Wish &wish : wishes) {
                    const int v = wish.*variable;
                    element(gather, solver, segment, wish.index, k, {by(c.into, v), by(c.out, v), by(c.responses, v), by(taken, v), zeros<V, 3, 1>()});
                }
            });
        });
    }
    void given_one(const Gathering &gather, const Solver<V> &solver, const Segment &segment, int k, const Mat<V, 2, 1> &field) {
        const auto &lower = walk.psi[k], &upper = walk.psi[k + 1];
        for (const Wish &wish : plan.rows[GIVEN][segment.elements[3 * k + 1]].entries) {
            auto c = currents(given<3>(given_unit(wish), solver.R), lower, upper, field);
            auto taken = absorbed(given_torque(given_unit(wish), solver.R), lower, upper, field);
            element(gather, solver, segment, wish.index, k, {c.into, c.out, c.responses, taken, zeros<V, 3, 1>()});
        }
    }
    void end(const Gathering &gather, const Solver<V> &solver, const Segment &segment, bool top) {
        const Ends &ends = top ? segment.top : segment.bottom;
        const auto &at_face = walk.psi[top ? segment.count : 0];
        for (int n = 0; n < ends.count; n++) {
            variables<false>(solver, plan, INSULATOR, ends.rows[n], [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
                auto sink = insulator(reader, ends.rows[n], solver.R);
                auto lost = sink.shunt * at_face;
                auto taken = sink.torque * at_face;
                for (const Wish &wish : wishes) {
                    const auto none = zeros<V, 3, 1>(), gained = by(taken, wish.*variable);
                    write_ends(gather, solver, segment, wish.index, top ? none : gained, top ? gained : none);
                    follow(gather, solver, segment, wish.index, top ? segment.count : 0, -by(lost, wish.*variable), none);
                }
            });
        }
    }
    void solve(const Gathering &gather, const Solver<V> &solver, const Column *E) {
        for (const Array *a : {&psi, &Q, &responses, &torque, &mean}) gather.clear(*a);
        const Mat<V, 2, 1> field{{{component(*E, 0, gather.at)}, {component(*E, 1, gather.at)}}};
        segments(solver.film, [&](const Segment &segment) {
            for (const Wish &wish : plan.own) along(gather, solver, segment, unit<2, 1>(wish.component), wish.index);
            walk.solve(solver, segment, field);
            for (int k = 0; k < segment.count; k++) {
                const int32_t *which = segment.elements + 3 * k;
                if (which[0] == METAL || which[0] == FERROMAGNET)
                    solver.law(solver.read, which[0], which[1], [&](const auto &found, V t) {
                        auto l = found.turned(solver.R);
                        conducting[k] = (1.0 / t) * Axis(l.axis).about(as<V>(l.longitudinal), as<V>(l.transverse), Zero{}, l.axis);
                    });
            }
            for (int k = 0; k < segment.count; k++) {
                const int32_t *which = segment.elements + 3 * k;
                if (!plan.asks(which)) continue;
                if (which[0] == INTERFACE) interface(gather, solver, segment, k, field);
                else if (which[0] == GIVEN) given_one(gather, solver, segment, k, field);
                else layer(gather, solver, segment, k, field);
            }
            if (plan.asks(segment.bottom)) end(gather, solver, segment, false);
            if (plan.asks(segment.top)) end(gather, solver, segment, true);
        });
    }
};

void faces(const Film *film, Range range, const Asked *asked, int64_t count, const Column *E, double *psi, double *Q, double *responses,
           double *torque, double *mean) {
    const Plan plan(*film, asked, count);
    Faces program(*film, plan, psi, Q, responses, torque, mean);
    groups(*film, range, [&](Group at, int64_t to) { program.solve({*film, plan, range, at, to}, Solver<V>(*film, at), E); });
}

void inside(const Film *film, Range range, const Asked *asked, int64_t count, const Column *fraction, const Column *lower, const Column *upper,
            const Column *E, double *psi, double *Q, double *drop, double *j) {
    const Plan plan(*film, asked, count);
    const int64_t layers = film->rows[METAL] + film->rows[FERROMAGNET];
    const Array psi_out{psi, 3 * layers}, Q_out{Q, 3 * layers}, drop_out{drop, layers}, j_out{j, 2 * layers};
    groups(*film, range, [&](Group at, int64_t to) {
        const Solver<V> solver(*film, at);
        const Gathering gather{*film, plan, range, at, to};
        for (const Array *a : {&psi_out, &Q_out, &drop_out, &j_out}) gather.clear(*a);
        const V f = component(*fraction, 0, at);
        const Mat<V, 2, 1> field{{{component(*E, 0, at)}, {component(*E, 1, at)}}}, no_field = zeros<V, 2, 1>();
        const auto none = zeros<V, 3, 1>();
        int64_t n = 0;
        for (int kind : {METAL, FERROMAGNET})
            for (int row = 0; row < film->rows[kind]; row++, n++) {
                auto face = [&](const Column *c) { return make<3, 1>([&](int i, int) { return component(*c, 3 * n + i, at); }); };
                const Mat<V, 3, 1> low = face(lower), high = face(upper);
                auto put = [&](int64_t index, const auto &p, const auto &q, V d, const auto &in) {
                    gather.add(psi_out, index, n, p), gather.add(Q_out, index, n, q);
                    gather.add(drop_out, index, n, d), gather.add(j_out, index, n, in);
                };
                auto derived = [&](int64_t index, const auto &found, int v) {
                    put(index, by(found.psi, v), by(found.Q_z, v), by(found.drop, place_of<std::decay_t<decltype(found.drop)>>(v)), by(found.j, v));
                };
                variables<true>(solver, plan, kind, row, [&](const auto &reader, const std::vector<Wish> &wishes, int Wish::*variable) {
                    solver.law(reader, kind, row, [&](const auto &l, const auto &t) {
                        const auto found = ::inside(l, t, low, high, field, f);
                        for (const Wish &wish : wishes) derived(wish.index, found, wish.*variable);
                    });
                });
                const auto &entries = plan.rows[kind][row].entries;
                if (entries.empty() && plan.own.empty()) continue;
                solver.law(solver.read, kind, row, [&](const auto &l, V t) {
                    const auto found = ::inside(l, t, low, high, field, f);
                    for (const Wish &wish : entries) {
                        auto spin = generated_unit(solver, kind, row, wish);
                        put(wish.index, none, spin.source * field, V{}, spin.inverse * found.force);
                    }
                    for (const Wish &wish : plan.own) {  // arrays in their order: fraction, lower, upper, E
                        if (wish.column == 0) {
                            Dual<1> moving(f);
                            moving.d[0] = splat(1.0);
                            derived(wish.index, ::inside(l, t, low, high, field, moving), 0);
                            continue;
                        }
                        const bool here = wish.column == 3 || wish.component / 3 == n;
                        if (!here) continue;
                        const auto one = unit<3, 1>(wish.column == 3 ? -1 : wish.component % 3);
                        const auto only = ::inside(l, t, wish.column == 1 ? one : none, wish.column == 2 ? one : none,
                                                   wish.column == 3 ? unit<2, 1>(wish.component) : no_field, f);
                        put(wish.index, only.psi, only.Q_z, as<V>(only.drop), only.j);
                    }
                });
            }
    });
}

void sheet_slope(const Film *film, Range range, const Asked *asked, int64_t count, const Column *along, double *G, double *slope, double *G_jacobian,
                 double *slope_jacobian) {
    Sheet<Dual<1>> program(*film, asked, count);
    // the slope is linear in the direction: its derivatives by that are those of G by a field at none
    static const double zero[3] = {};
    Film still = *film;
    still.B = {zero, 1};
    std::vector<Asked> fields;
    for (int64_t index = 0; index < count; index++)
        fields.push_back(asked[index].kind == KINDS + 2 ? Asked{KINDS + 1, 0, 0, asked[index].component} : Asked{-1, 0, 0, 0});
    Sheet<V> linear(still, fields.data(), count);
    groups(*film, range, [&](Group at, int64_t to) {
        auto found = program.solve(Solver<Dual<1>>(*film, at, along), Output{G_jacobian, slope_jacobian, range, at, to});
        for (int k = 0; k < 4; k++) {
            store(G + k * range.size + to, at, found(k / 2, k % 2).v);
            store(slope + k * range.size + to, at, found(k / 2, k % 2).d[0]);
        }
        if (!linear.plan.field.empty()) linear.solve(Solver<V>(still, at), Output{slope_jacobian, nullptr, range, at, to});
    });
}

}  // namespace

#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
extern "C" __attribute__((visibility("hidden"))) const Responses NAMED(responses_, LANES) = {sheet_slope, perpendicular, faces, inside};
