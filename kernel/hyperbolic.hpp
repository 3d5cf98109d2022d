// The two functions of thickness over length through which every layer enters (numerics/hyperbolic.py).
#pragma once
#include "matrix.hpp"

namespace {

constexpr double SMALL = 1e-4;  // below, four terms of the series in X are exact to rounding

template <class T> struct Pair { T through, shunt; };
template <class T> struct Complex { T re, im; };

// A function of the complex number x + i y by its derivative along x, which says what it is along y (Cauchy and Riemann)
template <class A, class B, class T> INLINE auto analytic(const A &x, const B &y, const Complex<Dual<ALONE, T>> &f) {
    using U = decltype(x + y);
    if constexpr (!is_dual<U>)
        return Complex<U>{f.re.v, f.im.v};
    else {
        const U along = as<U>(x), up = as<U>(y);
        Complex<U> r{U(f.re.v), U(f.im.v)};
        each<U::set>([&](auto bit) HERE {
            constexpr Set one = bit;
            constexpr int k = place(U::set, one);
            constexpr bool in_x = has<A, one>, in_y = has<B, one>;
            if constexpr (in_x && in_y) {
                r.re.d[k] = f.re.d[0] * along.d[k] - f.im.d[0] * up.d[k];
                r.im.d[k] = f.im.d[0] * along.d[k] + f.re.d[0] * up.d[k];
            } else if constexpr (in_x)
                r.re.d[k] = f.re.d[0] * along.d[k], r.im.d[k] = f.im.d[0] * along.d[k];
            else
                r.re.d[k] = -f.im.d[0] * up.d[k], r.im.d[k] = f.re.d[0] * up.d[k];
        });
        return r;
    }
}

// x / sinh x and x tanh(x/2) of X = x^2 >= 0
template <class T> INLINE Pair<T> admittances(const T &X) {
    if constexpr (composed<T>) {
        auto f = admittances(alone(X.v));
        return {chain(X, f.through), chain(X, f.shunt)};
    } else {
        const Mask small = value(X) < SMALL;
        T x = root(select(small, number<T>(1.0), X));
        auto e = exponential(-x);
        T rise = -e.expm1, share = x / (1.0 + e.exp);
        T through = 2.0 * share * e.exp / rise, shunt = share * rise;
        T series = 1.0 + X * (-1 / 6. + X * (7 / 360. - X * (31 / 15120.)));
        T rising = X * (1 / 2. + X * (-1 / 24. + X * (1 / 240. - X * (17 / 40320.))));
        return {select(small, series, through), select(small, rising, shunt)};
    }
}

// Square root with positive real part
template <class T> INLINE Complex<T> root(T Xr, T Xi, T modulus) {
    T a = root((modulus + Xr) * 0.5);
    return {a, Xi * 0.5 / a};
}

template <class T, int N> INLINE Complex<T> horner(T r, T i, const double (&c)[N]) {
    T p = number<T>(c[N - 1]), q{};
    for (int k = N - 2; k >= 0; k--) {
        T next = p * r - q * i + c[k];
        q = p * i + q * r;
        p = next;
    }
    return {p, q};
}

// The same for complex X = Xr + i Xi, Xr >= 0
template <class A, class B> INLINE auto complex_admittances(const A &Xr, const B &Xi) {
    using T = decltype(Xr + Xi);
    if constexpr (composed<T>) {
        using U = decltype(T::v);
        auto f = complex_admittances(alone(as<U>(plain(Xr))), as<Dual<ALONE, U>>(plain(Xi)));
        return Pair<Complex<T>>{analytic(Xr, Xi, f.through), analytic(Xr, Xi, f.shunt)};
    } else {
        static const double THROUGH[] = {1, -1 / 6., 7 / 360., -31 / 15120.};
        static const double SHUNT[] = {0, 1 / 2., -1 / 24., 1 / 240., -17 / 40320.};
        T square = Xr * Xr + Xi * Xi;
        const Mask small = value(square) < SMALL * SMALL;
        T modulus = root(select(small, number<T>(1.0), square));
        T Rr = select(small, number<T>(1.0), Xr), Ri = select(small, T{}, Xi);
        auto [a, b] = root(Rr, Ri, modulus);
        auto e = exponential(-a);
        auto [s, c] = turn(b);
        T fall = e.exp, rise = -e.expm1 * (1.0 + fall);  // 1 - e^-2a
        T u = rise * c, v = (2.0 - rise) * s;
        T scale = 2.0 * fall / (u * u + v * v);
        Complex<T> through{scale * (a * u + b * v), scale * (b * u - a * v)};
        scale = 1.0 / ((2.0 - rise) + 2.0 * fall * c);
        v = 2.0 * fall * s;
        Complex<T> shunt{scale * (a * rise - b * v), scale * (a * v + b * rise)};
        if (any(small)) {
            T Sr = select(small, Xr, T{}), Si = select(small, Xi, T{});
            auto t = horner(Sr, Si, THROUGH), h = horner(Sr, Si, SHUNT);
            through = {select(small, t.re, through.re), select(small, t.im, through.im)};
            shunt = {select(small, h.re, shunt.re), select(small, h.im, shunt.im)};
        }
        return Pair<Complex<T>>{through, shunt};
    }
}

template <class T> INLINE Complex<T> times(const Complex<T> &a, const Complex<T> &b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class T> INLINE Complex<T> over(const Complex<T> &a, const Complex<T> &b) {
    T n = 1.0 / (b.re * b.re + b.im * b.im);
    return {(a.re * b.re + a.im * b.im) * n, (a.im * b.re - a.re * b.im) * n};
}
template <class T> struct Powers { Complex<T> exp, expm1; };
// e^z and e^z - 1 for Re z <= 0, without cancellation
template <class T> INLINE Powers<T> powers(const Complex<T> &z) {
    auto e = exponential(z.re);
    auto t = turn(z.im), half = turn(z.im * 0.5);
    return {{e.exp * t.cos, e.exp * t.sin}, {e.expm1 * t.cos - 2.0 * half.sin * half.sin, e.exp * t.sin}};
}

template <class T> struct Interior { Complex<T> value, slope; };
// sinh(f x)/sinh(x) and x cosh(f x)/sinh(x) for 0 <= f <= 1
template <class A, class B, class F> INLINE auto interior(const A &Xr, const B &Xi, const F &f) {
    using T = decltype(Xr + Xi + f);
    if constexpr (composed<T>) {
        using U = decltype(T::v);
        using Both = Dual<ALONE | SECOND, U>;
        Both r(as<U>(plain(Xr))), i(as<U>(plain(Xi))), second(as<U>(plain(f)));
        r.d[place(Both::set, ALONE)] = second.d[place(Both::set, SECOND)] = as<U>(1.0);
        auto found = interior(r, i, second);
        auto chained = [&](const Complex<Both> &z) HERE -> Complex<T> {
            auto of = [&](const Both &x) HERE { Dual<ALONE, U> y(x.v); y.d[0] = x.d[place(Both::set, ALONE)]; return y; };
            auto by_X = analytic(Xr, Xi, Complex<Dual<ALONE, U>>{of(z.re), of(z.im)});
            if constexpr (is_dual<F>) {
                constexpr int k = place(Both::set, SECOND);
                return {as<T>(by_X.re + chain(f, U{}, z.re.d[k])), as<T>(by_X.im + chain(f, U{}, z.im.d[k]))};
            } else
                return {as<T>(by_X.re), as<T>(by_X.im)};
        };
        return Interior<T>{chained(found.value), chained(found.slope)};
    } else {
        T square = Xr * Xr + Xi * Xi;
        const Mask small = value(square) < SMALL * SMALL;
        T modulus = root(select(small, number<T>(1.0), square));
        Complex<T> x = root(select(small, number<T>(1.0), Xr), select(small, T{}, Xi), modulus);
        T rest = f - 1.0, twice = -2.0 * f;
        Complex<T> far = powers(Complex<T>{rest * x.re, rest * x.im}).exp;
        auto p = powers(Complex<T>{twice * x.re, twice * x.im});
        Complex<T> below = powers(Complex<T>{-2.0 * x.re, -2.0 * x.im}).expm1;
        Complex<T> scaled = over(far, below);  // below is minus that of the formula
        Complex<T> value = times(scaled, p.expm1);
        Complex<T> slope = times(times(x, scaled), Complex<T>{1.0 + p.exp.re, p.exp.im});
        slope = {-slope.re, -slope.im};
        Complex<T> X{select(small, Xr, T{}), select(small, Xi, T{})}, X2 = times(X, X);
        T f2 = f * f, a = (f2 - 1.0) / 6.0, b = (3.0 * f2 * f2 - 10.0 * f2 + 7.0) / 360.0;
        T c = (3.0 * f2 - 1.0) / 6.0, d = (15.0 * f2 * f2 - 30.0 * f2 + 7.0) / 360.0;
        Complex<T> value_s{f * (1.0 + X.re * a + X2.re * b), f * (X.im * a + X2.im * b)};
        Complex<T> slope_s{1.0 + X.re * c + X2.re * d, X.im * c + X2.im * d};
        return Interior<T>{{select(small, value_s.re, value.re), select(small, value_s.im, value.im)},
                           {select(small, slope_s.re, slope.re), select(small, slope_s.im, slope.im)}};
    }
}

}  // namespace
