// Numbers: films side by side in lanes (V), and dual numbers of them (value and N derivatives).
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#ifndef LANES
#define LANES 2
#endif
#define INLINE inline __attribute__((always_inline))

namespace {

constexpr int W = LANES;
typedef double V __attribute__((vector_size(8 * LANES)));
typedef int64_t Mask __attribute__((vector_size(8 * LANES)));

INLINE V splat(double x) { return x - V{}; }
INLINE V value(V x) { return x; }
INLINE V select(Mask m, V a, V b) { return m ? a : b; }
INLINE bool any(Mask m) {
    int64_t found = 0;
    for (int k = 0; k < W; k++) found |= m[k];
    return found != 0;
}

INLINE V root(V x) {
#if LANES == 8 && defined(__AVX512F__)
    return (V)_mm512_sqrt_pd((__m512d)x);
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

template <int N> struct Dual {
    V v{};
    V d[N]{};
    INLINE Dual() {}
    INLINE Dual(V x) : v(x) {}
};
template <int N> INLINE V value(const Dual<N> &x) { return x.v; }

// a function of one number: its value and the factor of the derivatives
template <int N> INLINE Dual<N> chain(const Dual<N> &x, V value, V slope) {
    Dual<N> r(value);
    for (int k = 0; k < N; k++) r.d[k] = slope * x.d[k];
    return r;
}
template <int N> INLINE Dual<N> operator+(const Dual<N> &a, const Dual<N> &b) {
    Dual<N> r(a.v + b.v);
    for (int k = 0; k < N; k++) r.d[k] = a.d[k] + b.d[k];
    return r;
}
template <int N> INLINE Dual<N> operator-(const Dual<N> &a, const Dual<N> &b) {
    Dual<N> r(a.v - b.v);
    for (int k = 0; k < N; k++) r.d[k] = a.d[k] - b.d[k];
    return r;
}
template <int N> INLINE Dual<N> operator*(const Dual<N> &a, const Dual<N> &b) {
    Dual<N> r(a.v * b.v);
    for (int k = 0; k < N; k++) r.d[k] = a.d[k] * b.v + a.v * b.d[k];
    return r;
}
template <int N> INLINE Dual<N> operator/(const Dual<N> &a, const Dual<N> &b) {
    V inverse = 1.0 / b.v;
    Dual<N> r(a.v / b.v);
    for (int k = 0; k < N; k++) r.d[k] = (a.d[k] - r.v * b.d[k]) * inverse;
    return r;
}
template <int N> INLINE Dual<N> operator-(const Dual<N> &a) { return chain(a, -a.v, splat(-1.0)); }
template <int N> INLINE Dual<N> operator*(const Dual<N> &a, V b) { return chain(a, a.v * b, b); }
template <int N> INLINE Dual<N> operator*(V a, const Dual<N> &b) { return chain(b, a * b.v, a); }
template <int N> INLINE Dual<N> operator+(const Dual<N> &a, V b) { return chain(a, a.v + b, splat(1.0)); }
template <int N> INLINE Dual<N> operator+(V a, const Dual<N> &b) { return chain(b, a + b.v, splat(1.0)); }
template <int N> INLINE Dual<N> operator-(const Dual<N> &a, V b) { return chain(a, a.v - b, splat(1.0)); }
template <int N> INLINE Dual<N> operator-(V a, const Dual<N> &b) { return chain(b, a - b.v, splat(-1.0)); }
template <int N> INLINE Dual<N> operator/(V a, const Dual<N> &b) { return Dual<N>(a) / b; }
template <int N> INLINE Dual<N> operator/(const Dual<N> &a, V b) { return chain(a, a.v / b, 1.0 / b); }
template <int N> INLINE Dual<N> operator*(const Dual<N> &a, double b) { return a * splat(b); }
template <int N> INLINE Dual<N> operator*(double a, const Dual<N> &b) { return splat(a) * b; }
template <int N> INLINE Dual<N> operator+(const Dual<N> &a, double b) { return a + splat(b); }
template <int N> INLINE Dual<N> operator+(double a, const Dual<N> &b) { return splat(a) + b; }
template <int N> INLINE Dual<N> operator-(const Dual<N> &a, double b) { return a - splat(b); }
template <int N> INLINE Dual<N> operator-(double a, const Dual<N> &b) { return splat(a) - b; }
template <int N> INLINE Dual<N> operator/(double a, const Dual<N> &b) { return splat(a) / b; }
template <int N> INLINE Dual<N> operator/(const Dual<N> &a, double b) { return a / splat(b); }
template <int N> INLINE Dual<N> select(Mask m, const Dual<N> &a, const Dual<N> &b) {
    Dual<N> r(select(m, a.v, b.v));
    for (int k = 0; k < N; k++) r.d[k] = select(m, a.d[k], b.d[k]);
    return r;
}
template <int N> INLINE Dual<N> root(const Dual<N> &x) {
    V r = root(x.v);
    return chain(x, r, 0.5 / r);
}
template <int N> INLINE Exponential<Dual<N>> exponential(const Dual<N> &x) {
    auto e = exponential(x.v);
    return {chain(x, e.exp, e.exp), chain(x, e.expm1, e.exp)};
}
template <int N> INLINE Turn<Dual<N>> turn(const Dual<N> &x) {
    auto t = turn(x.v);
    return {chain(x, t.sin, t.cos), chain(x, t.cos, -t.sin)};
}
// An infinite length, the default of many, has value and derivative zero, which the rules above would not find.
template <int N> INLINE Dual<N> inverse_square(const Dual<N> &x) {
    V v = inverse_square(x.v);
    return chain(x, v, -2.0 * v / x.v);
}

template <class T> INLINE T number(double x) { return T(splat(x)); }
template <class T> constexpr bool is_dual = !std::is_same<T, V>::value;

}  // namespace
