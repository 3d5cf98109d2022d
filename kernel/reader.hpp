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
    V v{};
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
// Components i of rows `row` of an array of its own (rows, components, length).
INLINE V component(const Column &c, int64_t i, Group at) { return load(c.data + i * c.length, c.length, at); }

// A column as the compiler knows it: c(is<F_THICKNESS>)
template <auto COLUMN> constexpr std::integral_constant<decltype(COLUMN), COLUMN> is{};
constexpr Kind kind_of(MetalColumn) { return METAL; }
constexpr Kind kind_of(FerromagnetColumn) { return FERROMAGNET; }
constexpr Kind kind_of(InterfaceColumn) { return INTERFACE; }
constexpr Kind kind_of(InsulatorColumn) { return INSULATOR; }

// The variables: none, the columns of a row (a bit each), its direction m or the field B (a bit for each component).
enum class By { NOTHING, COLUMNS, M, FIELD };
constexpr Set VECTOR = 7;

// The numbers of one film in each lane. T: V, or Dual<1> of a film whose field grows along `along` from zero.
template <class T, By by = By::NOTHING> struct Reader {
    static constexpr By variables = by;
    const Film &film;
    Group at;
    const Column *along = nullptr;

    template <class C, C COLUMN> INLINE auto column(std::integral_constant<C, COLUMN>, int row) const {
        const Column &c = film.columns[kind_of(COLUMN)][COLUMN];
        V v = load(c.data + row * c.length, c.length, at);
        if constexpr (by == By::COLUMNS) {
            Dual<Set(1) << COLUMN, T> x(as<T>(v));
            x.d[0] = as<T>(1.0);
            return x;
        } else
            return v;
    }
    template <int R, int C> INLINE Mat<V, R, C> matrix(int kind, int row, int column) const {
        return make<R, C>([&](int i, int j) { return component(film.columns[kind][column], int64_t(row) * R * C + i * C + j, at); });
    }
    template <bool VARIABLE> INLINE auto vector(const Column &c, int row) const {
        auto get = [&](int i) { return component(c, 3 * row + i, at); };
        if constexpr (VARIABLE) {
            Vec<Dual<VECTOR, T>> v;
            for (int i = 0; i < 3; i++) v[i] = Dual<VECTOR, T>(as<T>(get(i))), v[i].d[i] = as<T>(1.0);
            return v;
        } else
            return Vec<V>{{get(0), get(1), get(2)}};
    }
    INLINE Vec<V> magnetisation(int row) const { return vector<false>(film.m, row); }
    INLINE auto m(Kind kind, int row) const { return vector<by == By::M>(film.m, film.magnet_of[kind][row]); }
    INLINE auto B() const {
        if constexpr (is_dual<T>) {
            Vec<T> slope;
            for (int i = 0; i < 3; i++) slope[i] = T{}, slope[i].d[0] = component(*along, i, at);
            return slope;
        } else
            return vector<by == By::FIELD>(film.B, 0);
    }
    // Whether a field has to be reckoned with: what it does is left out where there is none.
    INLINE bool field() const {
        if (is_dual<T> || by == By::FIELD) return true;
        Mask found{};
        for (int i = 0; i < 3; i++) found |= component(film.B, i, at) != 0.0;
        return any(found);
    }
};

}  // namespace
