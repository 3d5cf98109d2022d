// 3x3 algebra (numerics/smallmatrix.py). Sizes are known to the compiler, which unrolls everything.
#pragma once
#include "numbers.hpp"

namespace {

template <class T, int R, int C> struct Mat {
    static constexpr int rows = R, columns = C;
    T a[R][C];
    INLINE T &operator()(int i, int j) { return a[i][j]; }
    INLINE const T &operator()(int i, int j) const { return a[i][j]; }
    template <class X> INLINE operator Mat<X, R, C>() const {
        Mat<X, R, C> m;
        _Pragma("GCC unroll 16") for (int i = 0; i < R; i++) _Pragma("GCC unroll 16") for (int j = 0; j < C; j++) m.a[i][j] = as<X>(a[i][j]);
        return m;
    }
};
template <class T> struct Vec {
    T a[3];
    INLINE T &operator[](int i) HERE { return a[i]; }
    INLINE const T &operator[](int i) const { return a[i]; }
};

template <class T, int R, int C> INLINE Mat<T, R, C> zeros() {
    Mat<T, R, C> m;
    _Pragma("GCC unroll 16") for (int i = 0; i < R; i++) _Pragma("GCC unroll 16") for (int j = 0; j < C; j++) m(i, j) = T{};
    return m;
}
// out(i, j) = f(i, j)
template <int R, int C, class F> INLINE auto make(F f) {
    Mat<decltype(f(0, 0)), R, C> m;
    _Pragma("GCC unroll 16") for (int i = 0; i < R; i++) _Pragma("GCC unroll 16") for (int j = 0; j < C; j++) m(i, j) = f(i, j);
    return m;
}
template <class A, class B, int R, int K, int C> INLINE auto operator*(const Mat<A, R, K> &a, const Mat<B, K, C> &b) {
    return make<R, C>([&](int i, int j) HERE {
        auto s = a(i, 0) * b(0, j);
        _Pragma("GCC unroll 16") for (int k = 1; k < K; k++) s = s + a(i, k) * b(k, j);
        return s;
    });
}
template <class X, class T, int R, int C> INLINE auto operator*(const X &x, const Mat<T, R, C> &a) {
    return make<R, C>([&](int i, int j) HERE { return x * a(i, j); });
}
template <class A, class B, int R, int C> INLINE auto operator+(const Mat<A, R, C> &a, const Mat<B, R, C> &b) {
    return make<R, C>([&](int i, int j) HERE { return a(i, j) + b(i, j); });
}
template <class A, class B, int R, int C> INLINE auto operator-(const Mat<A, R, C> &a, const Mat<B, R, C> &b) {
    return make<R, C>([&](int i, int j) HERE { return a(i, j) - b(i, j); });
}
template <class T, int R, int C> INLINE auto operator-(const Mat<T, R, C> &a) {
    return make<R, C>([&](int i, int j) HERE { return -a(i, j); });
}
template <class T, int R, int C> INLINE Mat<T, C, R> transpose(const Mat<T, R, C> &a) {
    return make<C, R>([&](int i, int j) HERE { return a(j, i); });
}
// [a b], and a above b
template <class A, class B, int R, int C, int D> INLINE auto beside(const Mat<A, R, C> &a, const Mat<B, R, D> &b) {
    using T = decltype(a(0, 0) + b(0, 0));
    return make<R, C + D>([&](int i, int j) HERE { return j < C ? as<T>(a(i, j < C ? j : 0)) : as<T>(b(i, j < C ? 0 : j - C)); });
}
template <class A, class B, int R, int Q, int C> INLINE auto above(const Mat<A, R, C> &a, const Mat<B, Q, C> &b) {
    return transpose(beside(transpose(a), transpose(b)));
}
template <class T> INLINE Mat<T, 3, 1> column(const Vec<T> &v) { return {{{v[0]}, {v[1]}, {v[2]}}}; }
template <class A, class B> INLINE auto operator*(const Mat<A, 3, 3> &a, const Vec<B> &v) {
    Vec<decltype(a(0, 0) * v[0])> r;
    _Pragma("GCC unroll 16") for (int i = 0; i < 3; i++) r[i] = a(i, 0) * v[0] + a(i, 1) * v[1] + a(i, 2) * v[2];
    return r;
}
template <class X, class T> INLINE auto operator*(const X &x, const Vec<T> &v) { return Vec<decltype(x * v[0])>{{x * v[0], x * v[1], x * v[2]}}; }
template <class T, int C> INLINE auto turned(const Mat<V, 3, 3> &R, const Mat<T, 3, C> &v) { return R * v; }
template <class A, class B> INLINE auto operator+(const Vec<A> &u, const Vec<B> &v) {
    return Vec<decltype(u[0] + v[0])>{{u[0] + v[0], u[1] + v[1], u[2] + v[2]}};
}
template <class A, class B> INLINE auto dot(const Vec<A> &u, const Vec<B> &v) { return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]; }
template <class A, class B> INLINE auto cross(const Vec<A> &u, const Vec<B> &v) {
    return Vec<decltype(u[0] * v[1] - u[1] * v[0])>{{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]}};
}

// A rotation whose third row is `axis` (smallmatrix.frame).
INLINE Mat<V, 3, 3> frame(const Vec<V> &axis) {
    V x = axis[0], y = axis[1], z = axis[2];
    V sign = select(z < 0.0, splat(-1.0), splat(1.0));
    V a = -1.0 / (sign + z);
    V b = x * y * a;
    return {{{1.0 + sign * x * x * a, sign * b, -sign * x}, {b, sign + y * y * a, -y}, {x, y, z}}};
}

// The numbers with which matrices about one axis are made: along a a^T + across (|a|^2 - a a^T) + turn (psi -> psi x w).
template <class T> struct Axis {
    T xx, yy, zz, xy, xz, yz;
    INLINE explicit Axis(const Vec<T> &a)
        : xx(a[0] * a[0]), yy(a[1] * a[1]), zz(a[2] * a[2]), xy(a[0] * a[1]), xz(a[0] * a[2]), yz(a[1] * a[2]) {}
    template <class A, class B, class C, class W> INLINE auto about(const A &along, const B &across, const C &turn, const Vec<W> &w) const {
        auto d = along - across;
        auto x = turn * w[0], y = turn * w[1], z = turn * w[2];
        using M = decltype(d * xy + z);
        return Mat<M, 3, 3>{{{as<M>(along * xx + across * (yy + zz)), d * xy + z, d * xz - y},
                             {d * xy - z, as<M>(along * yy + across * (xx + zz)), d * yz + x},
                             {d * xz + y, d * yz - x, as<M>(along * zz + across * (xx + yy))}}};
    }
};

// Elimination without pivoting, for matrices whose symmetric part is positive (smallmatrix.solve).
template <class T, int N = 3> struct Eliminated;
template <class T> struct Eliminated<T, 3> {
    T i0, i1, i2, l1, l2, l21, u01, u02, u12;
    Eliminated() {}
    INLINE explicit Eliminated(const Mat<T, 3, 3> &a) {
        i0 = 1.0 / a(0, 0);
        u01 = a(0, 1), u02 = a(0, 2);
        l1 = a(1, 0) * i0, l2 = a(2, 0) * i0;
        i1 = 1.0 / (a(1, 1) - l1 * u01);
        u12 = a(1, 2) - l1 * u02;
        l21 = (a(2, 1) - l2 * u01) * i1;
        i2 = 1.0 / (a(2, 2) - l2 * u02 - l21 * u12);
    }
    // a^-1 b
    template <class X, int C> INLINE Mat<T, 3, C> solve(const Mat<X, 3, C> &b) const {
        Mat<T, 3, C> x;
        _Pragma("GCC unroll 16") for (int j = 0; j < C; j++) {
            T y1 = b(1, j) - l1 * b(0, j);
            T y2 = b(2, j) - l2 * b(0, j) - l21 * y1;
            x(2, j) = y2 * i2;
            x(1, j) = (y1 - u12 * x(2, j)) * i1;
            x(0, j) = (b(0, j) - u01 * x(1, j) - u02 * x(2, j)) * i0;
        }
        return x;
    }
    // b a^-1
    template <class X, int R> INLINE Mat<T, R, 3> reach(const Mat<X, R, 3> &b) const {
        Mat<T, R, 3> x;
        _Pragma("GCC unroll 16") for (int i = 0; i < R; i++) {
            T y0 = b(i, 0) * i0;
            T y1 = (b(i, 1) - u01 * y0) * i1;
            x(i, 2) = (b(i, 2) - u02 * y0 - u12 * y1) * i2;
            x(i, 1) = y1 - l21 * x(i, 2);
            x(i, 0) = y0 - l1 * x(i, 1) - l2 * x(i, 2);
        }
        return x;
    }
};
template <int FROM, class T, int R, int C> INLINE Mat<T, 3, C> three_rows(const Mat<T, R, C> &a) {
    return make<3, C>([&](int i, int j) HERE { return a(FROM + i, j); });
}
template <int FROM, class T, int R, int C> INLINE Mat<T, R, 3> three_columns(const Mat<T, R, C> &a) {
    return make<R, 3>([&](int i, int j) HERE { return a(i, FROM + j); });
}
// Two blocks of three: the Schur complement of the first
template <class T> struct Eliminated<T, 6> {
    Eliminated<T, 3> first, second;
    Mat<T, 3, 3> right, left;  // first^-1 a_12, a_21
    Eliminated() {}
    INLINE explicit Eliminated(const Mat<T, 6, 6> &a) : first(three_columns<0>(three_rows<0>(a))), left(three_columns<0>(three_rows<3>(a))) {
        right = first.solve(three_columns<3>(three_rows<0>(a)));
        second = Eliminated<T, 3>(three_columns<3>(three_rows<3>(a)) - left * right);
    }
    template <class X, int C> INLINE Mat<T, 6, C> solve(const Mat<X, 6, C> &b) const {
        const Mat<T, 3, C> part = first.solve(three_rows<0>(b)), low = second.solve(three_rows<3>(b) - left * part);
        return above(part - right * low, low);
    }
    template <class X, int R> INLINE Mat<T, R, 6> reach(const Mat<X, R, 6> &b) const {
        const Mat<T, R, 3> part = three_columns<0>(b), low = second.reach(three_columns<3>(b) - part * right);
        return beside(first.reach(part - low * left), low);
    }
};

}  // namespace
