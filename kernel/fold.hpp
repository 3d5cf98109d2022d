// Joining elements (circuit/fold.py, docs/methods/composition.md).
#pragma once
#include "element.hpp"

namespace {

// Q = -Y psi + source d, r = response psi + direct d
template <class T, int D> struct Port {
    Mat<T, 3, 3> Y;
    Mat<T, 3, D> source;
    Mat<T, D, 3> response;
    Mat<T, D, D> direct;
};

template <class T, int D> INLINE Port<T, D> closed(const Mat<T, 3, 3> &sink) {
    return {sink, zeros<T, 3, D>(), zeros<T, D, 3>(), zeros<T, D, D>()};
}

// The first element with its lower face held at psi = 0
template <class T, int D, class E> INLINE Port<T, D> reservoir(const E &e) {
    return {e.through + e.upper_shunt, e.upper_source, e.upper_response - e.across, e.direct};
}

// What a step up leaves for the way back: psi_lower = b + Y^-1 through psi_upper, chi_lower = Y^-T (reached + through^T chi_upper)
template <class T, int D> struct Step {
    Eliminated<T> Y;
    Mat<T, 3, 3> through;
    Mat<T, 3, D> b;
    Mat<T, D, 3> reached;
    template <class X, int C> INLINE Mat<T, 3, C> carried(const Mat<X, 3, C> &upper) const { return Y.solve(through * upper); }
    INLINE Mat<T, 3, D> adjoint(const Mat<T, 3, D> &upper) const { return transpose(Y.reach(reached + transpose(upper) * through)); }
};

// The port above one more element
template <class T, int D, class E> INLINE void join(Port<T, D> &p, const E &e, Step<T, D> *step = nullptr) {
    const Mat<T, 3, 3> Y = p.Y + e.lower_shunt;
    const Eliminated<T> eliminated(Y + e.through);
    auto solved = eliminated.solve(Y);
    auto b = eliminated.solve(p.source - e.lower_source);
    const Mat<T, D, 3> response = p.response + e.lower_response, reached = response + e.across;
    if (step) *step = {eliminated, e.through, b, reached};
    p.direct = p.direct + e.direct + reached * b;
    p.response = eliminated.reach(response) * e.through - e.across * solved + e.upper_response;
    p.Y = e.upper_shunt + e.through * solved;
    p.source = e.upper_source + e.through * b;
}

// The response of a port whose top is closed by a sink
template <class T, int D, class S> INLINE Mat<T, D, D> close(const Port<T, D> &p, const Mat<S, 3, 3> &sink) {
    return p.direct + p.response * Eliminated<T>(p.Y + sink).solve(p.source);
}

}  // namespace
