// The library as Python sees it: chooses the instruction set and divides films over threads.
#include "library.hpp"
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

extern "C" {
extern const Programs programs_2, orbital_2;
extern const Derivatives derivatives_2;
extern const Responses responses_2;  // of every instruction set
#if defined(__x86_64__)
extern const Programs programs_4, programs_8, orbital_4, orbital_8;
extern const Derivatives derivatives_4, derivatives_8;
#endif
}

namespace {

struct Target {
    const char *name;
    const Programs *programs, *orbital;  // of films with orbital moments
    const Derivatives *derivatives;
    const Responses *responses;
    int lanes;
    bool usable;
};

const std::vector<Target> &targets() {
    static const std::vector<Target> found = {
#if defined(__x86_64__)
        {"avx512", &programs_8, &orbital_8, &derivatives_8, &responses_2, 8, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")},
        {"avx2", &programs_4, &orbital_4, &derivatives_4, &responses_2, 4, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
#endif
        {"base", &programs_2, &orbital_2, &derivatives_2, &responses_2, 2, true},
    };
    return found;
}

const Target *chosen() {
    for (const Target &t : targets())
        if (t.usable) return &t;
    return nullptr;
}

const Target *current = nullptr;

const Target &use() {
    if (!current) current = chosen();
    return *current;
}

// The programs of a film
const Programs &programs(const Film *film) { return *(film->orbital ? use().orbital : use().programs); }

// Denormal numbers count as zero while films are solved, as they do in JAX: a product of them would take a hundred times as long.
struct Flushing {
#if defined(__SSE2__)
    unsigned before = _mm_getcsr();
    Flushing() { _mm_setcsr(before | 0x8040); }
    ~Flushing() { _mm_setcsr(before); }
#elif defined(__aarch64__)
    uint64_t before;
    Flushing() {
        __asm__ volatile("mrs %0, fpcr" : "=r"(before));
        __asm__ volatile("msr fpcr, %0" ::"r"(before | (1ULL << 24)));
    }
    ~Flushing() { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }
#endif
};

// Films first to last in pieces of whole lane groups
template <class F> void divided(int64_t first, int64_t last, int threads, F f) {
    const int64_t count = last - first, lanes = use().lanes, groups = (count + lanes - 1) / lanes;
    Range range{first, last, first, count};
    auto flushed = [f](Range part) {
        Flushing flushing;
        f(part);
    };
    if (threads > groups) threads = int(groups);
    if (threads <= 1) return flushed(range);
    std::vector<std::thread> running;
    int64_t start = first;
    for (int n = 0; n < threads; n++) {
        int64_t stop = n + 1 == threads ? last : first + groups * (n + 1) / threads * lanes;
        range.first = start, range.last = stop;
        if (n + 1 == threads) flushed(range);
        else try {
                running.emplace_back(flushed, range);
            } catch (const std::system_error &) {  // no more threads are allowed here
                flushed(range);
            }
        start = stop;
    }
    for (auto &thread : running) thread.join();
}

}  // namespace

EXPORT int spinstack_interface() { return 3; }
EXPORT const char *spinstack_target() { return use().name; }
// Takes this instruction set, the best one where the name is empty; 0 where the processor lacks it.
EXPORT int spinstack_use(const char *name) {
    if (!*name) return current = chosen(), 1;
    for (const Target &t : targets())
        if (t.usable && !std::strcmp(t.name, name)) return current = &t, 1;
    return 0;
}
EXPORT void spinstack_sheet(const Film *film, int64_t first, int64_t last, int threads, double *G) {
    divided(first, last, threads, [=](Range r) { programs(film).sheet(film, r, G); });
}
EXPORT void spinstack_sheet_slope(const Film *film, int64_t first, int64_t last, int threads, const Column *along, double *G, double *slope) {
    divided(first, last, threads, [=](Range r) { use().programs->sheet_slope(film, r, along, G, slope); });
}
EXPORT void spinstack_sheet_jacobian(const Film *film, int64_t first, int64_t last, int threads, const Asked *asked, int64_t count, double *G,
                                     double *jacobian) {
    divided(first, last, threads, [=](Range r) { use().derivatives->sheet(film, r, asked, count, G, jacobian); });
}
EXPORT void spinstack_perpendicular(const Film *film, int64_t first, int64_t last, int threads, double *resistance) {
    divided(first, last, threads, [=](Range r) { programs(film).perpendicular(film, r, resistance); });
}
EXPORT void spinstack_faces(const Film *film, int64_t first, int64_t last, int threads, const Column *E, double *psi, double *Q,
                            double *responses, double *torque, double *mean) {
    divided(first, last, threads, [=](Range r) { programs(film).faces(film, r, E, psi, Q, responses, torque, mean); });
}
EXPORT void spinstack_inside(const Film *film, int64_t first, int64_t last, int threads, const Column *fraction, const Column *lower,
                             const Column *upper, const Column *E, double *psi, double *Q, double *V, double *j) {
    divided(first, last, threads, [=](Range r) { programs(film).inside(film, r, fraction, lower, upper, E, psi, Q, V, j); });
}
EXPORT void spinstack_sheet_slope_jacobian(const Film *film, int64_t first, int64_t last, int threads, const Asked *asked, int64_t count,
                                           const Column *along, double *G, double *slope, double *G_jacobian, double *slope_jacobian) {
    divided(first, last, threads, [=](Range r) { use().responses->sheet_slope(film, r, asked, count, along, G, slope, G_jacobian, slope_jacobian); });
}
EXPORT void spinstack_perpendicular_jacobian(const Film *film, int64_t first, int64_t last, int threads, const Asked *asked, int64_t count,
                                             double *resistance, double *jacobian) {
    divided(first, last, threads, [=](Range r) { use().responses->perpendicular(film, r, asked, count, resistance, jacobian); });
}
EXPORT void spinstack_faces_jacobian(const Film *film, int64_t first, int64_t last, int threads, const Asked *asked, int64_t count, const Column *E,
                                     double *psi, double *Q, double *responses, double *torque, double *mean, double *psi_jacobian,
                                     double *Q_jacobian, double *responses_jacobian, double *torque_jacobian, double *mean_jacobian) {
    divided(first, last, threads, [=](Range r) {
        use().programs->faces(film, r, E, psi, Q, responses, torque, mean);
        use().responses->faces(film, r, asked, count, E, psi_jacobian, Q_jacobian, responses_jacobian, torque_jacobian, mean_jacobian);
    });
}
EXPORT void spinstack_inside_jacobian(const Film *film, int64_t first, int64_t last, int threads, const Asked *asked, int64_t count,
                                      const Column *fraction, const Column *lower, const Column *upper, const Column *E, double *psi, double *Q,
                                      double *V, double *j, double *psi_jacobian, double *Q_jacobian, double *V_jacobian, double *j_jacobian) {
    divided(first, last, threads, [=](Range r) {
        use().programs->inside(film, r, fraction, lower, upper, E, psi, Q, V, j);
        use().responses->inside(film, r, asked, count, fraction, lower, upper, E, psi_jacobian, Q_jacobian, V_jacobian, j_jacobian);
    });
}
