// The programs for one instruction set: every name of it stays in this translation unit.
#include "programs.hpp"

namespace {

void sheet_slope(const Film *film, Range range, const Column *along, double *G, double *slope) {
    groups(*film, range, [&](Group at, int64_t to) {
        auto found = Solver<Dual<1>>(*film, at, along).sheet();
        for (int k = 0; k < 4; k++) {
            store(G + k * range.size + to, at, found(k / 2, k % 2).v);
            store(slope + k * range.size + to, at, found(k / 2, k % 2).d[0]);
        }
    });
}

}  // namespace

extern "C" __attribute__((visibility("hidden"))) const Programs NAMED(programs_, LANES) = {sheet<Solver<V>>, sheet_slope, perpendicular<Solver<V>>,
                                                                                             faces<Solver<V>>, inside<Solver<V>>};
