// What the library offers to Python (src/spinstack/circuit/native.py): films first to last (exclusive).
#pragma once
#include "film.hpp"

#if defined(_WIN32)
#define EXPORT extern "C" __declspec(dllexport)
#else
#define EXPORT extern "C" __attribute__((visibility("default")))
#endif

EXPORT int spinstack_interface();
EXPORT const char *spinstack_target();
EXPORT int spinstack_use(const char *name);
EXPORT void spinstack_sheet(const Film *, int64_t first, int64_t last, int threads, double *G);
EXPORT void spinstack_sheet_slope(const Film *, int64_t first, int64_t last, int threads, const Column *along, double *G, double *slope);
EXPORT void spinstack_sheet_jacobian(const Film *, int64_t first, int64_t last, int threads, const Asked *, int64_t count, double *G, double *jacobian);
EXPORT void spinstack_perpendicular(const Film *, int64_t first, int64_t last, int threads, double *resistance);
EXPORT void spinstack_faces(const Film *, int64_t first, int64_t last, int threads, const Column *E, double *psi, double *Q, double *responses,
                            double *torque, double *mean);
EXPORT void spinstack_inside(const Film *, int64_t first, int64_t last, int threads, const Column *fraction, const Column *lower, const Column *upper,
                             const Column *E, double *psi, double *Q, double *V, double *j);
// Values and derivatives (asked, rows of each array, film): what the program takes, its arrays, their derivatives
EXPORT void spinstack_sheet_slope_jacobian(const Film *, int64_t first, int64_t last, int threads, const Asked *, int64_t count, const Column *along,
                                           double *G, double *slope, double *G_jacobian, double *slope_jacobian);
EXPORT void spinstack_perpendicular_jacobian(const Film *, int64_t first, int64_t last, int threads, const Asked *, int64_t count, double *resistance,
                                             double *jacobian);
EXPORT void spinstack_faces_jacobian(const Film *, int64_t first, int64_t last, int threads, const Asked *, int64_t count, const Column *E, double *psi,
                                     double *Q, double *responses, double *torque, double *mean, double *psi_jacobian, double *Q_jacobian,
                                     double *responses_jacobian, double *torque_jacobian, double *mean_jacobian);
EXPORT void spinstack_inside_jacobian(const Film *, int64_t first, int64_t last, int threads, const Asked *, int64_t count, const Column *fraction,
                                      const Column *lower, const Column *upper, const Column *E, double *psi, double *Q, double *V, double *j,
                                      double *psi_jacobian, double *Q_jacobian, double *V_jacobian, double *j_jacobian);
