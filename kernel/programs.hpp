// The programs (circuit/kernel.py) of films that a solver S knows.
#pragma once
#include "solver.hpp"

namespace {

template <class S> void sheet(const Film *film, Range range, double *G) {
    groups(*film, range, [&](Group at, int64_t to) {
        auto found = S(*film, at).sheet();
        for (int k = 0; k < 4; k++) store(G + k * range.size + to, at, found(k / 2, k % 2));
    });
}

template <class S> void perpendicular(const Film *film, Range range, double *resistance) {
    groups(*film, range, [&](Group at, int64_t to) {
        store(resistance + to, at, S(*film, at).crossed_by_current(Segment(film->segments)).direct(0, 0));
    });
}

template <class S, int N = S::N> void faces(const Film *film, Range range, const Column *E, double *psi, double *Q, double *responses, double *torque, double *mean) {
    Walk<S> walk(*film);
    groups(*film, range, [&](Group at, int64_t to) {
        S solver(*film, at);
        const Mat<V, 3, 3> lab = transpose(solver.R);
        const Mat<V, 2, 1> field{{{component(*E, 0, at)}, {component(*E, 1, at)}}};
        auto put = [&](double *out, int64_t row, const auto &v) {
            constexpr int rows = std::decay_t<decltype(v)>::rows;
            for (int i = 0; i < rows; i++) store(out + (rows * row + i) * range.size + to, at, v(i, 0));
        };
        segments(*film, [&](const Segment &segment) {
            const int n = segment.count;
            walk.solve(solver, segment, field);
            for (int k = 0; k < n; k++) {
                const int32_t *which = segment.elements + 3 * k;
                const int position = which[2];
                const auto &lower = walk.psi[k], &upper = walk.psi[k + 1];
                auto c = currents(walk.elements[k], lower, upper, field);
                auto lower_lab = turned(lab, lower), upper_lab = turned(lab, upper), low = turned(lab, c.into), high = turned(lab, c.out);
                put(psi, 2 * position, lower_lab), put(psi, 2 * position + 1, upper_lab);
                put(Q, 2 * position, low), put(Q, 2 * position + 1, high);
                put(responses, position, c.responses);
                put(torque, position, lab * absorbed(walk.torques[k], lower, upper, field));
                if (which[0] == METAL || which[0] == FERROMAGNET)
                    solver.law(solver.read, which[0], which[1], [&](const auto &l, V t) { put(mean, position, mean_spin_current(l, t, lower_lab, upper_lab, field)); });
                if (k == 0 && segment.bottom.count) put(psi, 2 * segment.bottom.position + 1, lower_lab), put(Q, 2 * segment.bottom.position + 1, low);
                if (k == n - 1 && segment.top.count) put(psi, 2 * segment.top.position, upper_lab), put(Q, 2 * segment.top.position, high);
            }
            // an insulator between two conductors takes up torque from both
            auto gain = [&](const Ends &ends, const Mat<V, 3, N> &into, const Mat<V, N, 1> &at_face) {
                if (!ends.count) return;
                auto taken = lab * (into * at_face);
                for (int i = 0; i < 3; i++) {
                    double *where = torque + (3 * ends.position + i) * range.size + to;
                    for (int k = 0; k < W && k < at.left; k++) where[k] += taken(i, 0)[k];
                }
            };
            gain(segment.bottom, walk.into_bottom, walk.psi[0]), gain(segment.top, walk.into_top, walk.psi[n]);
        });
    });
}

template <class S, int N = S::N> void inside(const Film *film, Range range, const Column *fraction, const Column *lower, const Column *upper, const Column *E, double *psi,
            double *Q, double *drop, double *j) {
    groups(*film, range, [&](Group at, int64_t to) {
        S solver(*film, at);
        const V f = component(*fraction, 0, at);
        const Mat<V, 2, 1> field{{{component(*E, 0, at)}, {component(*E, 1, at)}}};
        int64_t n = 0;
        for (int kind : {METAL, FERROMAGNET})
            for (int row = 0; row < film->rows[kind]; row++, n++) {
                auto face = [&](const Column *c) { return make<N, 1>([&](int i, int) { return component(*c, N * n + i, at); }); };
                const Mat<V, N, 1> low = face(lower), high = face(upper);
                solver.law(solver.read, kind, row, [&](const auto &l, V t) {
                    auto found = inside(l, t, low, high, field, f);
                    for (int i = 0; i < N; i++) {
                        store(psi + (N * n + i) * range.size + to, at, found.psi(i, 0));
                        store(Q + (N * n + i) * range.size + to, at, found.Q_z(i, 0));
                    }
                    store(drop + n * range.size + to, at, as<V>(found.drop));
                    for (int i = 0; i < 2; i++) store(j + (2 * n + i) * range.size + to, at, found.j(i, 0));
                });
            }
    });
}

}  // namespace

#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
