// Sheet conductance and its derivatives by adjoint potentials (docs/methods/composition.md, Derivatives).
#pragma once
#include "derivatives.hpp"

namespace {

// Where derivatives of a 2 x 2 response go; of a film whose field grows, also those of its slope
struct Output {
    double *value, *slope;
    Range range;
    Group at;
    int64_t to;

    INLINE void write(double *p, V v) const {
        store(p, at, v);
        if (to % 8 < W) __builtin_prefetch(p + Streams::AHEAD, 1);
    }
    INLINE void write(double *p, V v, bool) const { store(p, at, load(p, 2, {0, at.left}) + v); }
    template <class... Add> INLINE void put(int64_t index, const Mat<V, 2, 2> &change, Add... add) const { rows(value, index, change, add...); }
    template <class... Add> INLINE void put(int64_t index, const Mat<Dual<1>, 2, 2> &change, Add... add) const {
        rows(value, index, make<2, 2>([&](int i, int j) HERE { return change(i, j).v; }), add...);
        rows(slope, index, make<2, 2>([&](int i, int j) HERE { return change(i, j).d[0]; }), add...);
    }
    template <class... Add> INLINE void rows(double *out, int64_t index, const Mat<V, 2, 2> &change, Add... add) const {
        double *p = out + index * 4 * range.size + to;
        for (int c = 0; c < 4; c++, p += range.size) write(p, change(c / 2, c % 2), add...);
    }
    // the derivatives of `change` by its variables that are wished for
    template <Set S, class T, class... Add>
    SEPARATE void put(const std::vector<Wish> &wishes, int Wish::*variable, const Mat<Dual<S, T>, 2, 2> &change, Add... add) const {
        for (const Wish &wish : wishes) {
            const int k = among<S>(wish.*variable);
            if (k >= 0) put(wish.index, make<2, 2>([&](int i, int j) { return change(i, j).d[k]; }), add...);
            else put(wish.index, zeros<T, 2, 2>(), add...);
        }
    }
};

// Vectors of both drives by their parts along a unit vector and across it
template <class T> struct Split {
    Mat<T, 1, 2> along;
    Mat<T, 3, 2> across;
    INLINE Split operator-(const Split &o) const { return {along - o.along, across - o.across}; }
};
template <class A, class T> INLINE auto split(const Vec<A> &axis, const Mat<T, 3, 2> &x) {
    auto along = transpose(column(axis)) * x;
    return Split<decltype(along(0, 0) + x(0, 0))>{along, x - column(axis) * along};
}

// left_i . M right_j of a matrix M about an axis, by its rates
template <class A, class W> struct Contracted {
    Mat<A, 2, 2> along, across;
    Mat<W, 2, 2> turn;
    INLINE Contracted operator+(const Contracted &o) const { return {along + o.along, across + o.across, turn + o.turn}; }
    template <class R> INLINE auto operator()(const R &r, int i, int j) const { return r.along * along(i, j) + r.across * across(i, j) + r.turn * turn(i, j); }
};
template <class T, class W> INLINE auto turned(const Mat<T, 3, 2> &left, const Mat<T, 3, 2> &right, const Vec<W> &w) {
    auto r_w = crossed(w, right);  // w x r
    return -(transpose(left) * r_w);
}
// about a unit vector that stands still, which is w too
template <class T, class A> INLINE auto contracted(const Split<T> &left, const Split<T> &right, const Vec<A> &axis) {
    auto along = transpose(left.along) * right.along;
    auto across = transpose(left.across) * right.across;
    auto turn = turned(left.across, right.across, axis);
    return Contracted<T, T>{along, across, turn};
}
// about a vector that may change, and be longer or shorter
template <class T, class A, class W> INLINE auto contracted(const Mat<T, 3, 2> &left, const Mat<T, 3, 2> &right, const Vec<A> &axis, const Vec<W> &w) {
    auto a = column(axis);
    auto along = (transpose(left) * a) * (transpose(a) * right);
    auto across = dot(axis, axis) * (transpose(left) * right) - along;
    auto turn = turned(left, right, w);
    return Contracted<decltype(across(0, 0) + along(0, 0)), decltype(turn(0, 0) + turn(0, 0))>{along, across, turn};
}

// The share of one element, from the potentials psi and the adjoint potentials chi at its faces
template <class T> struct Share {
    Mat<T, 3, 2> psi_L, psi_R, chi_L, chi_R, drop, gap;
    const Mat<V, 3, 3> &R;
    INLINE Share(const Mat<T, 3, 2> *psi, const Mat<T, 3, 2> *chi, const Mat<V, 3, 3> &R)
        : psi_L(psi[0]), psi_R(psi[1]), chi_L(chi[0]), chi_R(chi[1]), drop(psi_L - psi_R), gap(chi_L - chi_R), R(R) {}

    template <class G> INLINE auto generated(const G &spin) const {
        auto back = transpose(R);
        return spin.inverse * (back * drop) - transpose(back * gap) * spin.source;
    }
    // entry by entry, so that sums with many derivatives stay in registers
    template <bool STILL, class L, class X> INLINE auto layer(const L &l, const X &t) const {
        auto found = rates(l, t);
        auto axis = R * l.axis;
        auto spin = generated(l.spin_hall);
        auto into = transpose(column(axis)) * drop;
        auto from = transpose(gap) * column(axis);
        auto drives = [&](int i, int j) HERE { return t * l.inplane(i, j) + l.back(i, 0) * into(0, j) - from(i, 0) * l.along(0, j) + spin(i, j); };
        if constexpr (L::isotropic) {
            auto through = transpose(gap) * drop, shunt = transpose(chi_L) * psi_L + transpose(chi_R) * psi_R;
            return make<2, 2>([&](int i, int j) HERE { return drives(i, j) - found.through.along * through(i, j) - found.shunt.along * shunt(i, j); });
        } else if constexpr (STILL && !is_dual<T>) {  // a field that grows from zero need not lie along the axis
            auto w = dot(l.precession, l.axis);
            auto scaled = [&](const auto &r) HERE { return Rates{r.along, r.across, r.turn * w}; };
            auto pL = split(axis, psi_L), pR = split(axis, psi_R), cL = split(axis, chi_L), cR = split(axis, chi_R);
            auto through = contracted(cL - cR, pL - pR, axis), shunt = contracted(cL, pL, axis) + contracted(cR, pR, axis);
            auto passing = scaled(found.through);
            auto lost = scaled(found.shunt);
            return make<2, 2>([&](int i, int j) HERE { return drives(i, j) - through(passing, i, j) - shunt(lost, i, j); });
        } else {
            auto w = R * l.precession;
            auto through = contracted(gap, drop, axis, w), shunt = contracted(chi_L, psi_L, axis, w) + contracted(chi_R, psi_R, axis, w);
            return make<2, 2>([&](int i, int j) HERE { return drives(i, j) - through(found.through, i, j) - shunt(found.shunt, i, j); });
        }
    }
    template <bool STILL, class N, class M> INLINE auto interface(const N &n, const Vec<M> &m) const {
        auto Z = crossed(R);
        auto mZ = crossed(m, Z);
        auto chi_L_Z = transpose(chi_L) * Z, chi_R_Z = transpose(chi_R) * Z, Z_L = transpose(Z) * psi_L, Z_R = transpose(Z) * psi_R;
        auto chi_L_mZ = transpose(chi_L) * mZ, chi_R_mZ = transpose(chi_R) * mZ, mZ_L = transpose(mZ) * psi_L, mZ_R = transpose(mZ) * psi_R;
        auto drives = [&](int i, int j) HERE {
            auto back = (n.high * Z_R(i, j) - n.high_turned * mZ_R(i, j)) - (n.low * Z_L(i, j) - n.low_turned * mZ_L(i, j));
            auto own = n.high * chi_R_Z(i, j) + n.high_turned * chi_R_mZ(i, j) - (n.low * chi_L_Z(i, j) + n.low_turned * chi_L_mZ(i, j));
            return own + n.weight * back + n.sheet * (i == j ? 1.0 : 0.0);
        };
        auto sum = [&](const auto &through, const auto &lower, const auto &upper) HERE {
            return make<2, 2>([&](int i, int j) HERE { return drives(i, j) - through(n.through, i, j) - lower(n.lower, i, j) - upper(n.upper, i, j); });
        };
        if constexpr (STILL) {
            auto pL = split(m, psi_L), pR = split(m, psi_R), cL = split(m, chi_L), cR = split(m, chi_R);
            return sum(contracted(cL - cR, pL - pR, m), contracted(cL, pL, m), contracted(cR, pR, m));
        } else
            return sum(contracted(gap, drop, m, m), contracted(chi_L, psi_L, m, m), contracted(chi_R, psi_R, m, m));
    }
};

// The changes of a film's response, potentials known
template <class T> struct Changes {
    const Solver<T> &solver;
    const Plan &plan;
    const Output &out;

    template <By by> Reader<T, by> reader() const { return {solver.film, solver.read.at, solver.read.along}; }

    SEPARATE void entries(int kind, int row, const std::vector<Wish> &wishes, const Share<T> &share) const {
        const Solver<V> plain(solver);
        for (const Wish &wish : wishes) out.put(wish.index, Mat<T, 2, 2>(share.generated(generated_unit(plain, kind, row, wish))));
    }
    SEPARATE void given_entries(const std::vector<Wish> &wishes, const Share<T> &share) const {
        for (const Wish &wish : wishes)
            out.put(wish.index, Mat<T, 2, 2>(balance(given<2>(given_unit(wish), solver.R), share.psi_L, share.psi_R, share.chi_L, share.chi_R)));
    }
    void layer(const int32_t *which, const Wishes &wishes, const Share<T> &share) const {
        const int kind = which[0], row = which[1];
        if (!wishes.columns.empty())
            solver.law(reader<By::COLUMNS>(), kind, row, [&](const auto &l, const auto &t) HERE {
                out.put(wishes.columns, &Wish::column, share.template layer<true>(l, t));
            });
        if (!wishes.entries.empty()) entries(kind, row, wishes.entries, share);
        if (!wishes.m.empty() && solver.read.field())
            solver.template ferromagnet_law<true>(reader<By::M>(), row, [&](const auto &l, const auto &t) HERE {
                out.put(wishes.m, &Wish::component, share.template layer<false>(l, t), true);
            });
        else if (!wishes.m.empty())
            solver.template ferromagnet_law<false>(reader<By::M>(), row, [&](const auto &l, const auto &t) HERE {
                out.put(wishes.m, &Wish::component, share.template layer<false>(l, t), true);
            });
        if constexpr (!is_dual<T>)
            if (!plan.field.empty())
                solver.template law<true>(reader<By::FIELD>(), kind, row, [&](const auto &l, const auto &t) HERE {
                    out.put(plan.field, &Wish::component, share.template layer<false>(l, t), true);
                });
    }
    SEPARATE void interface(int row, const Wishes &wishes, const Share<T> &share) const {
        if (!wishes.columns.empty())
            out.put(wishes.columns, &Wish::column, share.template interface<true>(interface_numbers(reader<By::COLUMNS>(), row), solver.R * solver.read.m(INTERFACE, row)));
        if (!wishes.m.empty()) turned_interface(row, wishes, share);
    }
    SEPARATE void turned_interface(int row, const Wishes &wishes, const Share<T> &share) const {
        out.put(wishes.m, &Wish::component, share.template interface<false>(interface_numbers(solver.read, row), solver.R * reader<By::M>().m(INTERFACE, row)), true);
    }
    void element(const int32_t *which, const Mat<T, 3, 2> *psi, const Mat<T, 3, 2> *chi) const {
        const Wishes &wishes = plan.rows[which[0]][which[1]];
        const Share<T> share(psi, chi, solver.R);
        if (which[0] == INTERFACE) interface(which[1], wishes, share);
        else if (which[0] == GIVEN) given_entries(wishes.entries, share);
        else layer(which, wishes, share);
    }
    SEPARATE void ends(const Ends &ends, const Mat<T, 3, 2> &psi, const Mat<T, 3, 2> &chi) const {
        auto change = [&](const auto &sink) { return -(transpose(chi) * (sink.shunt * psi)); };
        for (int k = 0; k < ends.count; k++) {
            const Wishes &wishes = plan.rows[INSULATOR][ends.rows[k]];
            if (!wishes.columns.empty()) out.put(wishes.columns, &Wish::column, change(insulator(reader<By::COLUMNS>(), ends.rows[k], solver.R)), true);
            if (!wishes.m.empty()) out.put(wishes.m, &Wish::component, change(insulator(reader<By::M>(), ends.rows[k], solver.R)), true);
        }
    }
};

// Sheet conductance and its derivatives
template <class T> struct Sheet {
    Plan plan;
    std::unique_ptr<Step<T, 2>[]> steps;
    std::unique_ptr<Mat<T, 3, 2>[]> psi, chi;

    Sheet(const Film &film, const Asked *asked, int64_t count) : plan(film, asked, count) {
        const int most = longest(film);
        steps.reset(new Step<T, 2>[most]), psi.reset(new Mat<T, 3, 2>[most + 1]), chi.reset(new Mat<T, 3, 2>[most + 1]);
    }
    Mat<T, 2, 2> solve(const Solver<T> &solver, const Output &out) {
        auto total = zeros<T, 2, 2>();
        for (int64_t index : plan.gathered) out.put(index, zeros<T, 2, 2>());
        const Changes<T> changes{solver, plan, out};
        segments(solver.film, [&](const Segment &segment) {
            const int n = segment.count;
            auto port = closed<T, 2>(solver.sink(segment.bottom));
            for (int k = 0; k < n; k++) solver.add(port, segment.elements + 3 * k, &steps[k]);
            const Eliminated<T> closing(port.Y + solver.sink(segment.top));
            psi[n] = closing.solve(port.source);
            total = total + port.direct + port.response * psi[n];
            int last = 0;
            while (last < n && !plan.asks(segment.elements + 3 * last)) last++;
            if (plan.asks(segment.bottom)) last = 0;
            if (last < n || plan.asks(segment.top)) chi[n] = transpose(closing.reach(port.response));
            for (int k = n - 1; k >= last; k--) {
                psi[k] = steps[k].carried(psi[k + 1]) + steps[k].b;
                chi[k] = steps[k].adjoint(chi[k + 1]);
                if (plan.asks(segment.elements + 3 * k)) changes.element(segment.elements + 3 * k, &psi[k], &chi[k]);
            }
            changes.ends(segment.bottom, psi[0], chi[0]), changes.ends(segment.top, psi[n], chi[n]);
        });
        return total;
    }
};

}  // namespace
