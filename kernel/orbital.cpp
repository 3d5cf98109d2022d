// The programs of films with orbital moments, for one instruction set.
#include "orbital.hpp"
#include "programs.hpp"

namespace {

// Films of one lane group: what Solver is with spin alone
struct OrbitalSolver : Solver<V> {
    static constexpr int N = 6;
    using Element = OrbitalElement<3>;
    using Taken = OrbitalTorque;
    using Solver<V>::Solver;

    Mat<V, 6, 6> sink(const Ends &ends, Mat<V, 3, 6> *torque = nullptr) const {
        Mat<V, 3, 3> taken;
        const Mat<V, 3, 3> spin = Solver<V>::sink(ends, torque ? &taken : nullptr);
        if (torque) *torque = beside(taken, Mat<Zero, 3, 3>{});
        return padded(spin);
    }
    template <class Reader, class F> void law(const Reader &r, int kind, int row, F f) const {
        Solver<V>::law(r, kind, row, [&](const auto &l, const auto &t) {
            if constexpr (is_zero<decltype(l.polarization)>) f(orbital_metal(r, row, l), t);
            else f(orbital_ferromagnet(r, row, l), t);
        });
    }
    // f(element, function of its torque)
    template <int D, class F> SEPARATE void orbital_interface_element(int row, F f) const {
        interface_element<D>(read, row, [&](const auto &e, const auto &torque) HERE {
            const auto X = orbital_mixing(read, row, R * read.m(INTERFACE, row));
            f(orbital_interface<D>(read, row, e, X, R), [&]() HERE { return orbital_interface_torque(read, row, torque(), X); });
        });
    }
    template <int D, class F> void element(const int32_t *which, F f) const {
        const int kind = which[0], row = which[1];
        if (kind == INTERFACE) return orbital_interface_element<D>(row, f);
        law(read, kind, row, [&](const auto &found, V t) HERE {
            const auto l = found.turned(R);
            const auto e = layer<D>(l, t);
            f(e, [&]() HERE { return layer_torque(l, e.lower_shunt); });
        });
    }
    template <int D> SEPARATE static void joined(Port<V, D, 6> &p, const OrbitalElement<D> &e) { join(p, e); }

    Mat<V, 2, 2> sheet() const {
        auto total = zeros<V, 2, 2>();
        segments(film, [&](const Segment &segment) {
            auto port = closed<V, 2>(sink(segment.bottom));
            for (int k = 0; k < segment.count; k++) element<2>(segment.elements + 3 * k, [&](const auto &e, auto) { joined(port, e); });
            total = total + close(port, sink(segment.top));
        });
        return total;
    }
    Port<V, 1, 6> crossed_by_current(const Segment &segment) const {
        Port<V, 1, 6> port;
        element<3>(segment.elements, [&](const auto &e, auto) { port = reservoir<V, 1, 6>(along_z(e)); });
        for (int k = 1; k < segment.count; k++) element<3>(segment.elements + 3 * k, [&](const auto &e, auto) { joined(port, along_z(e)); });
        return port;
    }
};

}  // namespace

extern "C" __attribute__((visibility("hidden"))) const Programs NAMED(orbital_, LANES) = {sheet<OrbitalSolver>, nullptr, perpendicular<OrbitalSolver>,
                                                                                            faces<OrbitalSolver>, inside<OrbitalSolver>};
