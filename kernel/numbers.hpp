// Numbers: films side by side in lanes (V), and dual numbers of them (value and derivatives by a set of variables).
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#ifndef LANES
#define LANES 2
#endif
#ifndef INLINE
#define INLINE inline __attribute__((always_inline))
#define HERE __attribute__((always_inline))  // of a lambda
#endif

namespace {

constexpr int W = LANES;
typedef double V __attribute__((vector_size(8 * LANES)));
typedef int64_t Mask __attribute__((vector_size(8 * LANES)));

INLINE V splat(double x) { return x - V{}; }
INLINE V select(Mask m, V a, V b) { return m ? a : b; }
INLINE bool any(Mask m) {
#if LANES == 8 && defined(__AVX512F__)
    return _mm512_test_epi64_mask((__m512i)m, (__m512i)m) != 0;
#elif LANES == 4 && defined(__AVX__)
    return !_mm256_testz_si256((__m256i)m, (__m256i)m);
#else
    int64_t found = 0;
    for (int k = 0; k < W; k++) found |= m[k];
    return found != 0;
#endif
}

INLINE V root(V x) {
#if LANES == 8 && defined(__AVX512F__)
    return (V)_mm512_maskz_sqrt_pd(0xff, (__m512d)x);  // the plain one warns in GCC
#elif LANES == 4 && defined(__AVX__)
    return (V)_mm256_sqrt_pd((__m256d)x);
#elif LANES == 2 && defined(__SSE2__)
    return (V)_mm_sqrt_pd((__m128d)x);
#else
    V r{};
    for (int k = 0; k < W; k++) r[k] = __builtin_sqrt(x[k]);
    return r;
#endif
}

template <class T> struct Exponential { T exp, expm1; };

// e^x and e^x - 1 for x <= 0, relative error about 2e-16.
INLINE Exponential<V> exponential(V x) {
    const double shift = 6755399441055744.0;  // 1.5 * 2^52: the sum is rounded to a whole number
    const Mask gone = x < -708.0;
    x = select(gone, splat(-708.0), x);
    V moved = x * 1.4426950408889634 + shift;
    V k = moved - shift;
    V r = x - k * 0.693147180369123816490;
    r = r - k * 1.90821492927058770002e-10;
    // (e^r - 1 - r)/r^2, |r| <= ln(2)/2, by Estrin
    V r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    V c0 = 1 / 2. + r * (1 / 6.), c1 = 1 / 24. + r * (1 / 120.), c2 = 1 / 720. + r * (1 / 5040.), c3 = 1 / 40320. + r * (1 / 362880.),
      c4 = 1 / 3628800. + r * (1 / 39916800.), c5 = 1 / 479001600. + r * (1 / 6227020800.);
    V p = r + r2 * ((c0 + r2 * c1) + r4 * (c2 + r2 * c3) + r8 * (c4 + r2 * c5));
    Mask bits;
    std::memcpy(&bits, &moved, sizeof bits);
    bits = (bits << 52) + 0x3ff0000000000000LL;
    V two;
    std::memcpy(&two, &bits, sizeof two);
    V e = two + two * p, m = (two - 1) + two * p;
    return {select(gone, V{}, e), select(gone, splat(-1.0), m)};
}

template <class T> struct Turn { T sin, cos; };

// sin and cos, absolute error a few 1e-16 below 1e5.
INLINE Turn<V> turn(V x) {
    const double shift = 6755399441055744.0;
    V moved = x * 0.63661977236758134 + shift;
    V k = moved - shift;
    V r = x - k * 1.57079632673412561417e+00;
    r = r - k * 6.07710050630396597660e-11;
    r = r - k * 2.02226624879595063154e-21;
    V z = r * r, z2 = z * z;
    V s = r + r * z * ((-1.66666666666666324348e-01 + z * 8.33333333332248946124e-03) +
                       z2 * ((-1.98412698298579493134e-04 + z * 2.75573137070700676789e-06) +
                             z2 * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
    V c = 1.0 - 0.5 * z +
          z2 * ((4.16666666666666019037e-02 + z * -1.38888888888741095749e-03) +
                z2 * ((2.48015872894767294178e-05 + z * -2.75573143513906633035e-07) +
                      z2 * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)));
    Mask bits;
    std::memcpy(&bits, &moved, sizeof bits);
    const Mask swap = (bits & 1) != 0, minus_s = (bits & 2) != 0, minus_c = ((bits + 1) & 2) != 0;
    V a = select(swap, c, s), b = select(swap, s, c);
    return {select(minus_s, -a, a), select(minus_c, -b, b)};
}

INLINE V inverse_square(V x) { return 1.0 / (x * x); }

// A number that is zero in every film: whatever it takes part in is left out by the compiler.
struct Zero {};

// Sets of variables by which derivatives are taken: a bit for each.
typedef uint32_t Set;
constexpr int size(Set s) { return s ? 1 + size(s & (s - 1)) : 0; }
constexpr int place(Set s, Set bit) { return size(s & (bit - 1)); }
template <Set S, class F> INLINE void each(F f) {
    if constexpr (S != 0) {
        f(std::integral_constant<Set, S & (~S + 1)>{});
        each<S & (S - 1)>(f);
    }
}

template <class T, class X> INLINE T as(const X &x);

// A number and its derivatives by the variables of S, and by no others: a product has the variables of both factors, so no
// arithmetic is done with derivatives that are zero. T: what value and derivatives are made of, V or dual numbers again.
template <Set S, class T = V> struct Dual {
    static constexpr Set set = S;
    T v;
    T d[size(S)];
    Dual() = default;  // any number: Dual{} is zero
    INLINE Dual(const T &x) : v(x) {
        each<S>([&](auto bit) HERE { d[place(S, bit)] = T{}; });
    }
    template <Set R, class = std::enable_if_t<(R & ~S) == 0>> INLINE Dual(const Dual<R, T> &x) : v(x.v) {
        each<S>([&](auto bit) HERE {
            if constexpr (R & decltype(bit)::value) d[place(S, bit)] = x.d[place(R, bit)];
            else d[place(S, bit)] = T{};
        });
    }
};

template <class T> constexpr bool is_dual = false;
template <Set S, class T> constexpr bool is_dual<Dual<S, T>> = true;
template <class T, Set BIT> constexpr bool has = false;
template <Set S, class T, Set BIT> constexpr bool has<Dual<S, T>, BIT> = (S & BIT) != 0;
template <class T> constexpr bool is_zero = std::is_same<T, Zero>::value;
template <class T> constexpr bool is_number = is_dual<T> || std::is_same<T, V>::value;
// what dual numbers of T take as a constant
template <class T, class X> using Constant =
    std::enable_if_t<std::is_same<X, T>::value || std::is_same<X, V>::value || std::is_same<X, double>::value>;

INLINE V value(V x) { return x; }
template <Set S, class T> INLINE V value(const Dual<S, T> &x) { return value(x.v); }

// a number without its derivatives
template <Set S, class T> INLINE T plain(const Dual<S, T> &x) { return x.v; }
INLINE V plain(V x) { return x; }

template <class T, class X> INLINE T as(const X &x) {
    if constexpr (std::is_same<T, X>::value) return x;
    else if constexpr (is_zero<X>) return T{};
    else if constexpr (std::is_same<X, double>::value) return as<T>(splat(x));
    else if constexpr (is_dual<T> && !is_dual<X>) return T(as<decltype(T::v)>(x));
    else return T(x);
}

// variables of their own: the argument of a function, and a second one
constexpr Set ALONE = 1u << 31, SECOND = 1u << 30;
template <class T> INLINE Dual<ALONE, T> alone(const T &x) {
    Dual<ALONE, T> r(x);
    r.d[0] = as<T>(1.0);
    return r;
}
// a dual number that has other variables, whose functions are best differentiated by the argument alone
template <class T> constexpr bool composed = false;
template <Set S, class T> constexpr bool composed<Dual<S, T>> = (S & ALONE) == 0;

template <Set S, class T, class Y> INLINE Dual<S, T> chain(const Dual<S, T> &x, const T &value, const Y &slope) {
    Dual<S, T> r;
    r.v = value;
    each<S>([&](auto bit) HERE { r.d[place(S, bit)] = slope * x.d[place(S, bit)]; });
    return r;
}
template <Set S, class T> INLINE Dual<S, T> chain(const Dual<S, T> &x, const Dual<ALONE, T> &f) { return chain(x, f.v, f.d[0]); }

// derivatives of a function of a and b from those of its arguments
template <Set S, Set R, class T, class F, class G, class H>
INLINE Dual<S | R, T> merge(const T &value, const Dual<S, T> &a, const Dual<R, T> &b, F both, G of_a, H of_b) {
    Dual<S | R, T> r;
    r.v = value;
    each<S | R>([&](auto bit) HERE {
        constexpr Set one = bit;
        if constexpr ((S & one) && (R & one)) r.d[place(S | R, one)] = both(a.d[place(S, one)], b.d[place(R, one)]);
        else if constexpr (S & one) r.d[place(S | R, one)] = of_a(a.d[place(S, one)]);
        else r.d[place(S | R, one)] = of_b(b.d[place(R, one)]);
    });
    return r;
}
template <Set S, Set R, class T> INLINE auto operator+(const Dual<S, T> &a, const Dual<R, T> &b) {
    return merge<S, R, T>(a.v + b.v, a, b, [](const T &x, const T &y) HERE { return x + y; }, [](const T &x) HERE { return x; }, [](const T &y) HERE { return y; });
}
template <Set S, Set R, class T> INLINE auto operator-(const Dual<S, T> &a, const Dual<R, T> &b) {
    return merge<S, R, T>(a.v - b.v, a, b, [](const T &x, const T &y) HERE { return x - y; }, [](const T &x) HERE { return x; }, [](const T &y) HERE { return -y; });
}
template <Set S, Set R, class T> INLINE auto operator*(const Dual<S, T> &a, const Dual<R, T> &b) {
    return merge<S, R, T>(a.v * b.v, a, b, [&](const T &x, const T &y) HERE { return x * b.v + a.v * y; }, [&](const T &x) HERE { return x * b.v; },
                          [&](const T &y) HERE { return a.v * y; });
}
template <Set S, Set R, class T> INLINE auto operator/(const Dual<S, T> &a, const Dual<R, T> &b) {
    T inverse = 1.0 / b.v, v = a.v * inverse, slope = -v * inverse;
    return merge<S, R, T>(v, a, b, [&](const T &x, const T &y) HERE { return x * inverse + slope * y; }, [&](const T &x) HERE { return x * inverse; },
                          [&](const T &y) HERE { return slope * y; });
}
template <Set S, class T> INLINE Dual<S, T> operator-(const Dual<S, T> &a) { return chain(a, T(-a.v), -1.0); }
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator*(const Dual<S, T> &a, const X &b) { return chain(a, T(a.v * b), b); }
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator*(const X &a, const Dual<S, T> &b) { return b * a; }
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator+(const Dual<S, T> &a, const X &b) {
    Dual<S, T> r = a;
    r.v = a.v + b;
    return r;
}
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator+(const X &a, const Dual<S, T> &b) { return b + a; }
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator-(const Dual<S, T> &a, const X &b) {
    Dual<S, T> r = a;
    r.v = a.v - b;
    return r;
}
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator-(const X &a, const Dual<S, T> &b) { return chain(b, T(a - b.v), -1.0); }
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator/(const X &a, const Dual<S, T> &b) {
    T inverse = 1.0 / b.v, v = a * inverse;
    return chain(b, v, T(-v * inverse));
}
template <Set S, class T, class X, class = Constant<T, X>> INLINE Dual<S, T> operator/(const Dual<S, T> &a, const X &b) { return a * (1.0 / b); }

template <class X> using Something = std::enable_if_t<is_number<X> || std::is_same<X, double>::value>;
template <class X, class = Something<X>> INLINE X operator+(const X &x, Zero) { return x; }
template <class X, class = Something<X>> INLINE X operator+(Zero, const X &x) { return x; }
template <class X, class = Something<X>> INLINE X operator-(const X &x, Zero) { return x; }
template <class X, class = Something<X>> INLINE X operator-(Zero, const X &x) { return -x; }
template <class X, class = Something<X>> INLINE Zero operator*(const X &, Zero) { return {}; }
template <class X, class = Something<X>> INLINE Zero operator*(Zero, const X &) { return {}; }
template <class X, class = Something<X>> INLINE Zero operator/(Zero, const X &) { return {}; }
INLINE Zero operator+(Zero, Zero) { return {}; }
INLINE Zero operator-(Zero, Zero) { return {}; }
INLINE Zero operator*(Zero, Zero) { return {}; }
INLINE Zero operator-(Zero) { return {}; }

template <class A, class B, class = std::enable_if_t<is_dual<A> || is_dual<B>>> INLINE auto select(Mask m, const A &x, const B &y) {
    using T = decltype(x + y);
    const T a = as<T>(x), b = as<T>(y);
    T r;
    r.v = select(m, a.v, b.v);
    each<T::set>([&](auto bit) HERE { r.d[place(T::set, bit)] = select(m, a.d[place(T::set, bit)], b.d[place(T::set, bit)]); });
    return r;
}
template <Set S, class T> INLINE Dual<S, T> root(const Dual<S, T> &x) {
    T r = root(x.v);
    return chain(x, r, 0.5 / r);
}
template <Set S, class T> INLINE Exponential<Dual<S, T>> exponential(const Dual<S, T> &x) {
    auto e = exponential(x.v);
    return {chain(x, e.exp, e.exp), chain(x, e.expm1, e.exp)};
}
template <Set S, class T> INLINE Turn<Dual<S, T>> turn(const Dual<S, T> &x) {
    auto t = turn(x.v);
    return {chain(x, t.sin, t.cos), chain(x, t.cos, -t.sin)};
}
// An infinite length, the default of many, has value and derivative zero, which the rules above would not find.
template <Set S, class T> INLINE Dual<S, T> inverse_square(const Dual<S, T> &x) {
    T v = inverse_square(x.v);
    return chain(x, v, T(-2.0 * v / x.v));
}

template <class T> INLINE T number(double x) { return as<T>(x); }

}  // namespace
