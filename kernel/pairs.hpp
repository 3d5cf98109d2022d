// Functions of 2x2 matrices for two quantities that diffuse and turn into each other (numerics/pairs.py, docs/methods/orbital.md).
#pragma once
#include "hyperbolic.hpp"

namespace {

template <class T> INLINE Complex<T> operator+(const Complex<T> &a, const Complex<T> &b) { return {a.re + b.re, a.im + b.im}; }
template <class T> INLINE Complex<T> operator-(const Complex<T> &a, const Complex<T> &b) { return {a.re - b.re, a.im - b.im}; }
template <class T> INLINE Complex<T> operator-(const Complex<T> &a) { return {-a.re, -a.im}; }
template <class T> INLINE Complex<T> operator*(const Complex<T> &a, const Complex<T> &b) { return times(a, b); }
template <class T> INLINE Complex<T> operator/(const Complex<T> &a, const Complex<T> &b) { return over(a, b); }
template <class T, class X> using Real = std::enable_if_t<std::is_same<X, T>::value || std::is_same<X, double>::value>;
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator*(const X &x, const Complex<T> &a) { return {x * a.re, x * a.im}; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator*(const Complex<T> &a, const X &x) { return x * a; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator+(const Complex<T> &a, const X &x) { return {a.re + x, a.im}; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator+(const X &x, const Complex<T> &a) { return a + x; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator-(const Complex<T> &a, const X &x) { return {a.re - x, a.im}; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator-(const X &x, const Complex<T> &a) { return {x - a.re, -a.im}; }
template <class T, class X, class = Real<T, X>> INLINE Complex<T> operator/(const X &x, const Complex<T> &a) {
    const T n = x / (a.re * a.re + a.im * a.im);
    return {n * a.re, -n * a.im};
}
INLINE Complex<V> select(Mask m, const Complex<V> &a, const Complex<V> &b) { return {select(m, a.re, b.re), select(m, a.im, b.im)}; }

// the same questions to a real and to a complex number
INLINE V absolute(V x) { return select(x < 0.0, -x, x); }
INLINE V rough_size(V x) { return absolute(x); }  // at most sqrt 2 times too large
INLINE V rough_size(const Complex<V> &x) { return absolute(x.re) + absolute(x.im); }
INLINE V squared_size(V x) { return x * x; }
INLINE V squared_size(const Complex<V> &x) { return x.re * x.re + x.im * x.im; }
INLINE V alike(V x, V y) { return x * y; }  // positive where both point the same way
INLINE V alike(const Complex<V> &x, const Complex<V> &y) { return x.re * y.re + x.im * y.im; }
INLINE Complex<V> root(const Complex<V> &x) {
    // of the two formulas that in which nothing cancels; zero has no direction
    const V modulus = root(squared_size(x)), large = root((modulus + absolute(x.re)) * 0.5);
    const V other = select(large == 0.0, V{}, absolute(x.im) * 0.5 / large);
    const Mask right = x.re >= 0.0;
    const V im = select(right, other, large);
    return {select(right, large, other), select(x.im < 0.0, -im, im)};
}
INLINE Exponential<V> falling(V x) { return exponential(x); }
INLINE Powers<V> falling(const Complex<V> &x) { return powers(x); }
INLINE Pair<V> mode_admittances(V X) { return admittances(X); }
INLINE Pair<Complex<V>> mode_admittances(const Complex<V> &X) { return complex_admittances(X.re, X.im); }

// alpha + beta A
template <class T> struct Linear { T alpha, beta; };
// Entries 11, 12, 22 of a symmetric matrix
template <class T> struct Symmetric { T first, mixed, second; };
// R (through chi) and X = [[p, q], [q, r]] of A = R^-1 X; determinant = p r - q^2 without cancellation
template <class T> struct Coupled {
    V chi;
    T p;
    V q;
    T r, determinant;
    // R f(A)
    INLINE Symmetric<T> times(const Linear<T> &f) const { return {f.alpha + f.beta * p, chi * f.alpha + q * f.beta, f.alpha + f.beta * r}; }
};

constexpr double PAIR_SMALL = 1e-3, PAIR_CLOSE = 1e-2;

// Power series in A, by A^2 = 2 mean A - product
template <class T> INLINE Pair<Linear<T>> pair_series(const T &mean, const T &product) {
    static const double THROUGH[] = {1, -1 / 6., 7 / 360., -31 / 15120., 127 / 604800., -73 / 3421440.};
    static const double SHUNT[] = {0, 1 / 2., -1 / 24., 1 / 240., -17 / 40320., 31 / 725760.};
    const T twice = mean + mean;
    auto total = [&](const double (&c)[6]) HERE {  // by Horner's scheme
        Linear<T> sum{T{} + c[5], T{}};
        _Pragma("GCC unroll 8") for (int k = 4; k >= 0; k--) sum = {c[k] - product * sum.beta, sum.alpha + twice * sum.beta};
        return sum;
    };
    return {total(THROUGH), total(SHUNT)};
}

// With roots u + v and u - v of the eigenvalues both functions are even in v, and so functions of square = v^2
template <class T> INLINE Pair<Linear<T>> pair_near(const T &mean, const T &product, const T &d2) {
    const T u2 = (mean + root(product)) * 0.5, square = d2 / (4.0 * u2), u = root(u2);
    const T fall = falling(-u).exp, fall2 = fall * fall;
    const T cosh = (1.0 + fall2) * 0.5, sinh = falling(-2.0 * u).expm1 * -0.5;  // of u, times e^-u
    const T cosh_v = 1.0 + square * 0.5 * (1.0 + square * (1 / 12.) * (1.0 + square * (1 / 30.) * (1.0 + square * (1 / 56.))));
    const T sinhc_v = 1.0 + square * (1 / 6.) * (1.0 + square * (1 / 20.) * (1.0 + square * (1 / 42.) * (1.0 + square * (1 / 72.))));
    const T per_both = 1.0 / (cosh + fall * cosh_v), scaled = sinh / u;
    const T per_across = 1.0 / (sinh * sinh - fall2 * square * sinhc_v * sinhc_v);
    const T shunt = (u * sinh + fall * square * sinhc_v) * per_both, rise = (scaled + fall * sinhc_v) * per_both * 0.5;
    const T through = fall * (u * sinh * cosh_v - square * cosh * sinhc_v) * per_across;
    const T slope = fall * (scaled * cosh_v - cosh * sinhc_v) * per_across * 0.5;
    return {{through - mean * slope, slope}, {shunt - mean * rise, rise}};
}

// From the functions at both eigenvalues
template <class T> INLINE Pair<Linear<T>> pair_apart(const T &mean, const T &product, const T &d2) {
    T d = root(d2);
    d = select(alike(d, mean) < 0.0, -d, d);
    const T b = mean + d, a = product / b, per = 0.5 / d;  // the small one without cancellation
    const auto at_a = mode_admittances(a), at_b = mode_admittances(b);
    auto of = [&](const T &f_a, const T &f_b) HERE { return Linear<T>{(b * f_a - a * f_b) * per, (f_b - f_a) * per}; };
    return {of(at_a.through, at_b.through), of(at_a.shunt, at_b.shunt)};
}

template <class T> INLINE Pair<Linear<T>> select(Mask m, const Pair<Linear<T>> &x, const Pair<Linear<T>> &y) {
    auto line = [&](const Linear<T> &a, const Linear<T> &b) HERE { return Linear<T>{select(m, a.alpha, b.alpha), select(m, a.beta, b.beta)}; };
    return {line(x.through, y.through), line(x.shunt, y.shunt)};
}

// alpha and beta of x/sinh x and of x tanh(x/2), x^2 = A: what passes a layer and what it loses
template <class T> __attribute__((noinline)) Pair<Linear<T>> pair_admittances(const Coupled<T> &m) {
    const V per = 1.0 / ((1.0 - m.chi) * (1.0 + m.chi));
    const T mean = (m.p + m.r - 2.0 * m.chi * m.q) * (0.5 * per), product = m.determinant * per;
    const T half = (m.p - m.r) * 0.5, d2 = (half * half + (m.q - m.chi * m.r) * (m.q - m.chi * m.p)) * (per * per);
    const V scale2 = squared_size(mean);
    const Mask small = (rough_size(m.p) + rough_size(m.r) + 2.0 * absolute(m.q)) * per < PAIR_SMALL;
    const Mask close = ~small & (squared_size(d2) <= PAIR_CLOSE * PAIR_CLOSE * scale2 * select(scale2 < 1.0, scale2, splat(1.0)));
    Pair<Linear<T>> found{};
    if (any(~(small | close))) found = pair_apart(mean, product, d2);
    if (any(close)) found = select(close, pair_near(mean, product, d2), found);
    if (any(small)) found = select(small, pair_series(mean, product), found);
    return found;
}

}  // namespace
