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
template <class T, int D> INLINE Port<T, D> reservoir(const Element<T, D> &e) {
    return {e.through + e.upper_shunt, e.upper_source, e.upper_response - e.across, e.direct};
}

// The port above one more element
template <Shape S, class T, int D> INLINE void join(Port<T, D> &p, const Element<T, D> &e) {
    constexpr bool layer = S == Shape::LAYER;
    auto Y = p.Y + e.lower_shunt;
    Eliminated<T> eliminated(Y + e.through);
    auto solved = eliminated.solve(Y);
    auto b = eliminated.solve(p.source - e.lower_source);
    Mat<T, D, 3> response = p.response;
    if constexpr (!layer) response = response + e.lower_response;
    auto reach = eliminated.reach(response);
    auto above = reach * e.through - e.across * solved;
    if constexpr (S == Shape::GIVEN) above = above + e.upper_response;
    p.direct = p.direct + e.direct + (response + e.across) * b;
    p.Y = (layer ? e.lower_shunt : e.upper_shunt) + e.through * solved;
    p.source = (layer ? e.lower_source : e.upper_source) + e.through * b;
    p.response = above;
}

// The response of a port whose top is closed by a sink
template <class T, int D> INLINE Mat<T, D, D> close(const Port<T, D> &p, const Mat<T, 3, 3> *sink) {
    Eliminated<T> eliminated(sink ? p.Y + *sink : p.Y);
    return p.direct + p.response * eliminated.solve(p.source);
}

}  // namespace
