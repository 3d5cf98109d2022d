// Columns of the films of one lane group, as plain or as dual numbers.
#pragma once
#include "film.hpp"
#include "matrix.hpp"

namespace {

// Films first to first + W; of the last group the last film stands in the lanes beyond.
struct Group {
    int64_t first, left;
};

INLINE V load(const double *p, int64_t length, Group at) {
    if (length == 1) return splat(p[0]);
    V v;
    if (at.left >= W) {
        std::memcpy(&v, p + at.first, sizeof v);
        return v;
    }
    for (int k = 0; k < W; k++) v[k] = p[at.first + (k < at.left ? k : at.left - 1)];
    return v;
}
INLINE void store(double *p, Group at, V v) {
    if (at.left >= W) {
        std::memcpy(p, &v, sizeof v);
        return;
    }
    for (int k = 0; k < at.left; k++) p[k] = v[k];
}

// The numbers of one kind as T; a dual number carries the derivatives by `asked`, and by a field along `along`.
template <class T> struct Reader {
    const Film &film;
    Group at;
    const Asked *const *asked = nullptr;
    const Column *along = nullptr;

    INLINE T number(const Column &c, int kind, int row, int column, int component, int components) const {
        V v = load(c.data + (int64_t(row) * components + component) * c.length, c.length, at);
        if constexpr (is_dual<T>) {
            T t(v);
            if (asked)
                for (int k = 0; k < int(sizeof t.d / sizeof t.d[0]); k++) {
                    const Asked *a = asked[k];
                    bool same = a && a->kind == kind && a->row == row && a->column == column && a->component == component;
                    t.d[k] = splat(same ? 1.0 : 0.0);
                }
            return t;
        } else
            return v;
    }
    INLINE T column(Kind kind, int row, int column) const { return number(film.columns[kind][column], kind, row, column, 0, 1); }
    template <int R, int C> INLINE Mat<T, R, C> matrix(Kind kind, int row, int column) const {
        return make<R, C>([&](int i, int j) { return number(film.columns[kind][column], kind, row, column, i * C + j, R * C); });
    }
    INLINE Vec<T> magnetisation(int row) const {
        return {{number(film.m, KINDS, row, 0, 0, 3), number(film.m, KINDS, row, 0, 1, 3), number(film.m, KINDS, row, 0, 2, 3)}};
    }
    INLINE Vec<T> m(Kind kind, int row) const { return magnetisation(film.magnet_of[kind][row]); }
    INLINE Vec<T> B() const {
        Vec<T> B;
        for (int i = 0; i < 3; i++) {
            if constexpr (is_dual<T>)
                if (along) {
                    B[i] = T{};
                    B[i].d[0] = load(along->data + i * along->length, along->length, at);
                    continue;
                }
            B[i] = number(film.B, KINDS + 1, 0, 0, i, 3);
        }
        return B;
    }
    // Whether a field has to be reckoned with: what it does to a metal is left out where there is none.
    INLINE bool field() const {
        if (is_dual<T>) return true;
        Mask found{};
        for (int i = 0; i < 3; i++) found |= load(film.B.data + i * film.B.length, film.B.length, at) != 0.0;
        return any(found);
    }
};

// Components i of rows `row` of an array of its own (rows, components, length).
INLINE V component(const Column &c, int64_t i, Group at) { return load(c.data + i * c.length, c.length, at); }

}  // namespace
