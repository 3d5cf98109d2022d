// What Python hands over (src/spinstack/circuit/native.py): the structure of a film and its columns, as data.
#pragma once
#include <cstdint>

extern "C" {

// Columns (rows, components, length): one number for all films where length is 1.
struct Column {
    const double *data;
    int64_t length;
};

// Kinds of rows; the columns of each stand in the order of the enumerations below.
enum Kind : int32_t { METAL, FERROMAGNET, INTERFACE, INSULATOR, GIVEN, KINDS };

struct Film {
    // per segment: number of elements, then (kind, row, position in the film) of each, bottom first; then for the
    // bottom and the top: number of insulator rows whose sinks add up, position of the insulator (-1: none), the rows
    const int32_t *segments;
    int64_t segment_count;
    int64_t positions;                   // elements of the film, terminating ones included
    const Column *columns[KINDS];
    int64_t rows[KINDS];
    const int32_t *magnet_of[KINDS];     // the row of m that each row takes
    Column m;                            // (rows, 3, length)
    int64_t magnets;                     // rows of m among which the main axis is looked for
    int64_t sinks;                       // rows of insulators that are asked for their spread
    Column B;                            // (3, length)
    int64_t orbital;                     // whether layers carry orbital moments beside spin: the columns from ORBITAL on are there, too
};

// One number of one row by which a derivative is wanted. Kinds from KINDS on: m (row), B, and an array of the program's own (row: which).
struct Asked {
    int32_t kind, row, column, component;
};
}

enum MetalColumn { M_THICKNESS, M_CONDUCTIVITY, M_SPIN_DIFFUSION_LENGTH, M_SPIN_HALL_ANGLE, M_SPIN_SPLITTER, M_HALL_COEFFICIENT,
                   M_G_FACTOR, M_INVERSE_DIFFUSION,
                   M_ORBITAL, M_ORBITAL_DIFFUSION_LENGTH = M_ORBITAL, M_ORBITAL_CONDUCTIVITY, M_ORBITAL_HALL_ANGLE, M_CONVERSION,
                   M_CORRELATION, M_ORBITAL_G_FACTOR, M_INVERSE_ORBITAL_DIFFUSION, M_ALL };
enum FerromagnetColumn { F_THICKNESS, F_CONDUCTIVITY, F_SPIN_DIFFUSION_LENGTH, F_POLARIZATION, F_POLARIZATION_PARALLEL,
                         F_DEPHASING_LENGTH, F_PRECESSION_LENGTH, F_SPIN_HALL_ANGLE, F_AMR_RATIO, F_SIZE_EFFECT_RATIO,
                         F_ANOMALOUS_HALL_ANGLE, F_SPIN_ANOMALOUS_HALL_ANGLE, F_HALL_COEFFICIENT,
                         F_ORBITAL, F_ORBITAL_DIFFUSION_LENGTH = F_ORBITAL, F_ORBITAL_CONDUCTIVITY, F_ORBITAL_HALL_ANGLE, F_CONVERSION,
                         F_CORRELATION, F_ALL };
enum InterfaceColumn { I_CONDUCTANCE_UP, I_CONDUCTANCE_DOWN, I_MIXING_REAL, I_MIXING_IMAG, I_MIXING_UPPER_REAL, I_MIXING_UPPER_IMAG,
                       I_TRANSMITTED_REAL, I_TRANSMITTED_IMAG, I_SPIN_MEMORY_LOSS, I_FILTERING, I_FILTERING_UPPER, I_PRECESSION,
                       I_PRECESSION_UPPER, I_RASHBA_EDELSTEIN, I_SHEET_CONDUCTANCE, I_RECIPROCAL, I_MAGNETIC,
                       I_ORBITAL, I_ORBITAL_CONDUCTANCE = I_ORBITAL, I_ORBITAL_MEMORY_LOSS, I_ORBITAL_RASHBA_EDELSTEIN, I_ORBITAL_MIXING_REAL,
                       I_ORBITAL_MIXING_IMAG, I_MAGNET_ABOVE, I_ALL };
enum InsulatorColumn { S_SINK, S_MIXING_REAL, S_MIXING_IMAG, S_ALL };
enum GivenColumn { G_THROUGH, G_LOWER_SHUNT, G_UPPER_SHUNT, G_LOWER_SOURCE, G_UPPER_SOURCE, G_ACROSS, G_LOWER_RESPONSE,
                   G_UPPER_RESPONSE, G_DIRECT, G_LOWER_TORQUE, G_UPPER_TORQUE, G_TORQUE_SOURCE, G_ALL };

// What one instruction set offers; films first to last (exclusive) of arrays that start at film `origin`, `size` long.
struct Range {
    int64_t first, last, origin, size;
};
struct Programs {  // of films with orbital moments: no slope, and six rows of potentials and currents
    void (*sheet)(const Film *, Range, double *G);
    void (*sheet_slope)(const Film *, Range, const Column *along, double *G, double *slope);
    void (*perpendicular)(const Film *, Range, double *resistance);
    void (*faces)(const Film *, Range, const Column *E, double *psi, double *Q, double *responses, double *torque, double *mean);
    void (*inside)(const Film *, Range, const Column *fraction, const Column *lower, const Column *upper, const Column *E,
                   double *psi, double *Q, double *V, double *j);
};
struct Derivatives {
    void (*sheet)(const Film *, Range, const Asked *, int64_t count, double *G, double *jacobian);
};
struct Responses {  // derivatives (asked, rows of the array, film) of the arrays of the other programs
    void (*sheet_slope)(const Film *, Range, const Asked *, int64_t count, const Column *along, double *G, double *slope, double *G_jacobian,
                        double *slope_jacobian);
    void (*perpendicular)(const Film *, Range, const Asked *, int64_t count, double *resistance, double *jacobian);
    void (*faces)(const Film *, Range, const Asked *, int64_t count, const Column *E, double *psi, double *Q, double *responses, double *torque,
                  double *mean);
    void (*inside)(const Film *, Range, const Asked *, int64_t count, const Column *fraction, const Column *lower, const Column *upper,
                   const Column *E, double *psi, double *Q, double *V, double *j);
};
