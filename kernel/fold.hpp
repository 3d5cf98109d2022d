// Joining elements (circuit/fold.py, docs/methods/composition.md).
#pragma once
#include "element.hpp"

namespace {

// Q = -Y psi + source d, r = response psi + direct d; N potentials: 3 of spin, or 6 with orbital moments
template <class T, int D, int N = 3> struct Port {
    Mat<T, N, N> Y;
    Mat<T, N, D> source;
    Mat<T, D, N> response;
    Mat<T, D, D> direct;
};

template <class T, int D, class S, int N> INLINE Port<T, D, N> closed(const Mat<S, N, N> &sink) {
    return {sink, zeros<T, N, D>(), zeros<T, D, N>(), zeros<T, D, D>()};
}

// The first element with its lower face held at psi = 0
template <class T, int D, int N = 3, class E> INLINE Port<T, D, N> reservoir(const E &e) {
    return {upper_through(e) + e.upper_shunt, e.upper_source, e.upper_response - e.across, e.direct};
}

// What a step up leaves for the way back: psi_lower = b + Y^-1 through psi_upper, chi_lower = Y^-T (reached + through^T chi_upper)
template <class T, int D, int N = 3> struct Step {
    Eliminated<T, N> Y;
    Mat<T, N, N> through;
    Mat<T, N, D> b;
    Mat<T, D, N> reached;
    template <class X, int C> INLINE Mat<T, N, C> carried(const Mat<X, N, C> &upper) const { return Y.solve(through * upper); }
    INLINE Mat<T, N, D> adjoint(const Mat<T, N, D> &upper) const { return transpose(Y.reach(reached + transpose(upper) * through)); }
};

// The port above one more element
template <class T, int D, int N, class E> INLINE void join(Port<T, D, N> &p, const E &e, Step<T, D, N> *step = nullptr) {
    const Mat<T, N, N> Y = p.Y + e.lower_shunt;
    const Eliminated<T, N> eliminated(Y + e.through);
    auto solved = eliminated.solve(Y);
    auto b = eliminated.solve(p.source - e.lower_source);
    const Mat<T, D, N> response = p.response + e.lower_response, reached = response + e.across;
    if (step) *step = {eliminated, e.through, b, reached};
    p.direct = p.direct + e.direct + reached * b;
    p.response = eliminated.reach(response) * e.through - e.across * solved + e.upper_response;
    p.Y = e.upper_shunt + upper_through(e) * solved;
    p.source = e.upper_source + upper_through(e) * b;
}

// The response of a port whose top is closed by a sink
template <class T, int D, int N, class S> INLINE Mat<T, D, D> close(const Port<T, D, N> &p, const Mat<S, N, N> &sink) {
    return p.direct + p.response * Eliminated<T, N>(p.Y + sink).solve(p.source);
}

}  // namespace
