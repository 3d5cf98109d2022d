// Derivatives of the sheet conductance by asked numbers, for one instruction set.
#include "adjoint.hpp"

namespace {

void sheet(const Film *film, Range range, const Asked *asked, int64_t count, double *G, double *jacobian) {
    Sheet<V> program(*film, asked, count);
    groups(*film, range, [&](Group at, int64_t to) {
        auto found = program.solve(Solver<V>(*film, at), Output{jacobian, nullptr, range, at, to});
        for (int k = 0; k < 4; k++) store(G + k * range.size + to, at, found(k / 2, k % 2));
    });
}

}  // namespace

#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
extern "C" __attribute__((visibility("hidden"))) const Derivatives NAMED(derivatives_, LANES) = {sheet};
