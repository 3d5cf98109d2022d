// What is asked of a film, and whose derivatives change with it (docs/methods/native_kernel.md, Derivatives).
#pragma once
#include "solver.hpp"

namespace {

// What is asked of one row: a column, component or entry, and where its derivative goes
struct Wish {
    int column, component;
    int64_t index;
};
struct Wishes {
    std::vector<Wish> columns, entries, m;  // numbers of its own, entries of its arrays, its direction
    bool none() const { return columns.empty() && entries.empty() && m.empty(); }
};
inline bool entry(int kind, int column) {
    return kind == GIVEN || (kind == METAL && (column == M_SPIN_HALL_ANGLE || column == M_SPIN_SPLITTER)) ||
           (kind == FERROMAGNET && column == F_SPIN_HALL_ANGLE);
}

struct Plan {
    int64_t count;
    std::vector<Wishes> rows[KINDS];
    std::vector<Wish> field, own;   // B; arrays of the program's own (their number stands as column)
    std::vector<int64_t> gathered;  // of which more than one element, or none, has a share

    Plan(const Film &film, const Asked *asked, int64_t count) : count(count) {
        std::vector<bool> placed[KINDS];
        for (int kind = 0; kind < KINDS; kind++) rows[kind].resize(film.rows[kind]), placed[kind].resize(film.rows[kind]);
        segments(film, [&](const Segment &s) {
            for (int k = 0; k < s.count; k++) placed[s.elements[3 * k]][s.elements[3 * k + 1]] = true;
        });
        for (int64_t index = 0; index < count; index++) {
            const Asked &a = asked[index];
            if (a.kind < 0) continue;
            const Wish wish{a.column, a.component, index};
            if (a.kind < KINDS) {
                Wishes &w = rows[a.kind][a.row];
                (entry(a.kind, a.column) ? w.entries : w.columns).push_back(wish);
                if (a.kind == INSULATOR || !placed[a.kind][a.row]) gathered.push_back(index);
                continue;
            }
            gathered.push_back(index);
            if (a.kind == KINDS + 1) field.push_back(wish);
            if (a.kind == KINDS + 2) own.push_back({a.row, a.component, index});
            for (int kind : {FERROMAGNET, INTERFACE, INSULATOR})
                for (int row = 0; a.kind == KINDS && row < film.rows[kind]; row++)
                    if (film.magnet_of[kind][row] == a.row) rows[kind][row].m.push_back(wish);
        }
    }
    bool asks(const int32_t *which) const {
        const bool layer = which[0] == METAL || which[0] == FERROMAGNET;
        return !rows[which[0]][which[1]].none() || (layer && !field.empty());
    }
    bool asks(const Ends &ends) const {
        for (int k = 0; k < ends.count; k++)
            if (!rows[INSULATOR][ends.rows[k]].none()) return true;
        return false;
    }
};

// k of the derivative by a bit among those of S, -1 where there is none
template <Set S> INLINE int among(int variable) {
    const Set bit = Set(1) << variable;
    return S & bit ? __builtin_popcount(S & (bit - 1)) : -1;
}
// An entry of an array alone
template <int R, int C> INLINE Mat<V, R, C> unit(int component) {
    return make<R, C>([&](int i, int j) { return splat(i * C + j == component); });
}
INLINE auto given_unit(const Wish &wish) {
    return [&wish](int column) { return column == wish.column ? unit<3, 3>(wish.component) : zeros<V, 3, 3>(); };
}
// What a tensor generates that has one entry alone; it enters everything by this
inline auto generated_unit(const Solver<V> &solver, int kind, int row, const Wish &wish) {
    V sigma = kind == METAL ? solver.read.column(is<M_CONDUCTIVITY>, row) : solver.read.column(is<F_CONDUCTIVITY>, row);
    const auto none = zeros<V, 3, 2>(), one = unit<3, 2>(wish.component);
    const bool splitter = kind == METAL && wish.column == M_SPIN_SPLITTER;
    return generated(sigma, splitter ? none : one, splitter ? one : none);
}

// What the response is stationary in the potentials of: the share of one element, from the potentials psi and the adjoint
// potentials chi at its faces
template <class E, class P> INLINE auto balance(const E &e, const P &psi_L, const P &psi_R, const P &chi_L, const P &chi_R) {
    auto drop = psi_L - psi_R;
    auto into = e.through * drop + e.lower_shunt * psi_L + e.lower_source;
    auto out = e.through * drop - e.upper_shunt * psi_R + e.upper_source;
    auto own = e.across * drop + e.lower_response * psi_L + e.upper_response * psi_R + e.direct;
    return own - transpose(chi_L) * into + transpose(chi_R) * out;
}

}  // namespace
