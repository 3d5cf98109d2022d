/* A scalar loop over films with the arithmetic of docs/methods: what a careful programmer would write by hand in C.
   Sheet conductance of stacks of metals, ferromagnets and interfaces between closed outer faces; no charge along z.
   Used by films.py, which compiles it with -O3 -march=native and packs the records below in this order. */
#include <math.h>
#include <string.h>

typedef struct {
    double thickness, sigma, flip_length, hall_angle[3][2], splitter[3][2], hall, g, inverse_diffusion;
} Metal;

typedef struct {
    double thickness, sigma, flip_length, P, P_par, dephasing_length, precession_length, hall_angle[3][2];
    double amr, size_effect, anomalous, spin_anomalous, hall, m[3];
} Ferromagnet;

typedef struct {
    double up, down, mixing[2], mixing_upper[2], through[2], memory_loss;
    double filtering, filtering_upper, precession, precession_upper, edelstein, sheet, reciprocal, magnetic, m[3];
} Interface;

typedef struct { /* an affine element without the drive j_c and the response V */
    double lower_through[3][3], upper_through[3][3], lower_shunt[3][3], upper_shunt[3][3];
    double lower_source[3][2], upper_source[3][2], across[2][3], lower_response[2][3], upper_response[2][3], direct[2][2];
} Element;

typedef struct { /* Q = -Y psi + source E, I = response psi + direct E */
    double Y[3][3], source[3][2], response[2][3], direct[2][2];
} Port;

static const double LARMOR = 9.2740100783e-24 / 1.054571817646156e-34; /* mu_B / hbar */
static const double Z_CROSS[3][2] = {{0, -1}, {1, 0}, {0, 0}};

static inline void inverse(const double a[3][3], double out[3][3]) {
    double c[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int k = (i + 1) % 3, l = (i + 2) % 3, p = (j + 1) % 3, q = (j + 2) % 3;
            c[j][i] = a[k][p] * a[l][q] - a[k][q] * a[l][p];
        }
    double d = 1 / (a[0][0] * c[0][0] + a[0][1] * c[1][0] + a[0][2] * c[2][0]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) out[i][j] = c[i][j] * d;
}

/* resistivity/rho = 1 + along m m^T + size (1 - z z^T) + h x, inverted and divided by rho */
static inline void conductivity(double sigma, double along, const double m[3], double size, const double h[3],
                                double out[3][3]) {
    double r[3][3] = {{1 + size, -h[2], h[1]}, {h[2], 1 + size, -h[0]}, {-h[1], h[0], 1}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) r[i][j] += along * m[i] * m[j];
    inverse(r, out);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) out[i][j] *= sigma;
}

/* x / sinh x and x tanh(x/2) of X = x^2 */
static inline void admittances(double X, double *through, double *shunt) {
    if (X < 1e-4) {
        *through = 1 + X * (-1. / 6 + X * (7. / 360 - X * (31. / 15120)));
        *shunt = X * (1. / 2 + X * (-1. / 24 + X * (1. / 240 - X * (17. / 40320))));
        return;
    }
    double x = sqrt(X), rise = -expm1(-x), fall = exp(-x);
    *through = 2 * x * fall / (rise * (1 + fall));
    *shunt = x * rise / (1 + fall);
}

static inline void series(double r, double i, const double *c, int n, double out[2]) {
    double p = c[n - 1], q = 0;
    for (int k = n - 2; k >= 0; k--) {
        double t = p * r - q * i + c[k];
        q = p * i + q * r;
        p = t;
    }
    out[0] = p;
    out[1] = q;
}

static inline void complex_admittances(double Xr, double Xi, double through[2], double shunt[2]) {
    static const double T[] = {1, -1. / 6, 7. / 360, -31. / 15120};
    static const double S[] = {0, 1. / 2, -1. / 24, 1. / 240, -17. / 40320};
    double modulus = sqrt(Xr * Xr + Xi * Xi);
    if (modulus < 1e-4) {
        series(Xr, Xi, T, 4, through);
        series(Xr, Xi, S, 5, shunt);
        return;
    }
    double a = sqrt((modulus + Xr) / 2), b = Xi / (2 * a);
    double rise = -expm1(-2 * a), fall = exp(-a), s = sin(b), c = cos(b);
    double u = rise * c, v = (2 - rise) * s, scale = 2 * fall / (u * u + v * v);
    through[0] = scale * (a * u + b * v);
    through[1] = scale * (b * u - a * v);
    scale = 1 / ((2 - rise) + 2 * fall * c);
    u = rise;
    v = 2 * fall * s;
    shunt[0] = scale * (a * u - b * v);
    shunt[1] = scale * (a * v + b * u);
}

/* along a a^T + across (1 - a a^T) + turn (psi -> psi x w) */
static inline void axial(const double a[3], const double w[3], double along, double across, double turn, double out[3][3]) {
    const double x[3][3] = {{0, w[2], -w[1]}, {-w[2], 0, w[0]}, {w[1], -w[0], 0}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) out[i][j] = (along - across) * a[i] * a[j] + (i == j) * across + turn * x[i][j];
}

static inline void layer(double t, const double axis[3], double K_a, double K_t, double k2_a, double k2_t, const double w[3],
                         Element *e) {
    double t2 = t * t, rate2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2], floor = 1e-10 / t2;
    double h = sqrt(rate2 < floor * floor ? floor * floor : rate2);
    double ta, sa, tt[2], st[2];
    admittances(k2_a * t2, &ta, &sa);
    complex_admittances(k2_t * t2, h * t2, tt, st);
    K_a /= t;
    K_t /= t;
    axial(axis, w, K_a * ta, K_t * tt[0], K_t * tt[1] / h, e->lower_through);
    axial(axis, w, K_a * sa, K_t * st[0], K_t * st[1] / h, e->lower_shunt);
    memcpy(e->upper_through, e->lower_through, sizeof e->upper_through);
    memcpy(e->upper_shunt, e->lower_shunt, sizeof e->upper_shunt);
    memcpy(e->upper_source, e->lower_source, sizeof e->upper_source);
    memset(e->lower_response, 0, sizeof e->lower_response);
    memset(e->upper_response, 0, sizeof e->upper_response);
}

static void metal(const Metal *p, const double B[3], Element *e) {
    double h[3], tensor[3][3], axis[3] = {0, 0, 1}, w[3], B2 = B[0] * B[0] + B[1] * B[1] + B[2] * B[2];
    for (int i = 0; i < 3; i++) h[i] = p->sigma * p->hall * B[i];
    conductivity(p->sigma, 0, axis, 0, h, tensor);
    if (B2 > 0)
        for (int i = 0; i < 3; i++) axis[i] = B[i] / sqrt(B2);
    double zz = tensor[2][2], slow = p->sigma / zz, k2 = slow / (p->flip_length * p->flip_length);
    for (int i = 0; i < 3; i++) w[i] = slow * p->g * LARMOR * p->inverse_diffusion * B[i];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) {
            e->lower_source[i][j] = p->sigma * (p->hall_angle[i][j] + p->splitter[i][j]);
            e->across[j][i] = p->sigma * (p->splitter[i][j] - p->hall_angle[i][j]);
        }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) e->direct[i][j] = p->thickness * (tensor[i][j] - tensor[i][2] * tensor[2][j] / zz);
    layer(p->thickness, axis, zz, zz, k2, k2, w, e);
}

static void ferromagnet(const Ferromagnet *p, const double B[3], Element *e) {
    double channel[2][3][3], w[3], c[3][3], s[3][3];
    const double *m = p->m;
    for (int k = 0; k < 2; k++) {
        double sign = 1 - 2 * k, P = 1 + sign * p->P, h[3];
        double angle = (p->anomalous + sign * p->spin_anomalous) / P;
        for (int i = 0; i < 3; i++) h[i] = angle * m[i] + p->sigma * p->hall * B[i];
        conductivity(p->sigma * P / 2, (1 + p->amr) * P / (1 + sign * p->P_par) - 1, m, p->size_effect * m[2] * m[2], h,
                     channel[k]);
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            c[i][j] = channel[0][i][j] + channel[1][i][j];
            s[i][j] = channel[0][i][j] - channel[1][i][j];
        }
    double czz = c[2][2], pz = s[2][2] / czz, K = 4 * channel[0][2][2] * channel[1][2][2] / czz;
    double flip = 1 / (p->flip_length * p->flip_length), exchange = 1 / (p->precession_length * p->precession_length);
    for (int i = 0; i < 3; i++) {
        w[i] = exchange * m[i];
        for (int j = 0; j < 2; j++) {
            double hall = p->sigma * p->hall_angle[i][j];
            e->lower_source[i][j] = hall + m[i] * (s[2][j] - pz * c[2][j]);
            e->across[j][i] = (s[j][2] - pz * c[j][2]) * m[i] - hall;
        }
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) e->direct[i][j] = p->thickness * (c[i][j] - c[i][2] * c[2][j] / czz);
    double k2_a = flip * p->sigma * (1 - p->P) * (1 + p->P) / K;
    layer(p->thickness, m, K, p->sigma, k2_a, flip + 1 / (p->dephasing_length * p->dephasing_length), w, e);
}

static void interface(const Interface *p, Element *e) {
    double total = p->up + p->down, G_par4 = 4 * p->up * p->down / total, through, shunt;
    const double *m = p->m, f = p->magnetic;
    admittances(p->memory_loss * p->memory_loss, &through, &shunt);
    through *= G_par4;
    shunt *= G_par4;
    axial(m, m, through, 2 * f * p->through[0] + (1 - f) * through, 2 * f * p->through[1], e->lower_through);
    memcpy(e->upper_through, e->lower_through, sizeof e->upper_through);
    axial(m, m, shunt, 2 * f * (p->mixing[0] - p->through[0]) + (1 - f) * shunt, 2 * f * (p->mixing[1] - p->through[1]),
          e->lower_shunt);
    axial(m, m, shunt, 2 * f * (p->mixing_upper[0] - p->through[0]) + (1 - f) * shunt,
          2 * f * (p->mixing_upper[1] - p->through[1]), e->upper_shunt);
    const double mZ[3][2] = {{-m[2], 0}, {0, -m[2]}, {m[0], m[1]}}; /* m x (z x E) */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) {
            double low = (p->filtering - p->edelstein / 2) * Z_CROSS[i][j], turned = p->precession * mZ[i][j];
            double high = (p->filtering_upper + p->edelstein / 2) * Z_CROSS[i][j], turned_high = p->precession_upper * mZ[i][j];
            e->lower_source[i][j] = low + turned;
            e->upper_source[i][j] = high + turned_high;
            e->across[j][i] = -p->reciprocal * (high - turned_high);
            e->lower_response[j][i] = p->reciprocal * (high - turned_high) - p->reciprocal * (low - turned);
        }
    memset(e->upper_response, 0, sizeof e->upper_response);
    e->direct[0][0] = e->direct[1][1] = p->sheet;
    e->direct[0][1] = e->direct[1][0] = 0;
}

static void join(Port *q, const Element *e) {
    double Y[3][3], D[3][3], solved[3][5], right[3][5], response[2][3], reach[2][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            right[i][j] = q->Y[i][j] + e->lower_shunt[i][j];
            Y[i][j] = right[i][j] + e->lower_through[i][j];
        }
    inverse(Y, D);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) right[i][3 + j] = q->source[i][j] - e->lower_source[i][j];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 5; j++) solved[i][j] = D[i][0] * right[0][j] + D[i][1] * right[1][j] + D[i][2] * right[2][j];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) response[i][j] = q->response[i][j] + e->lower_response[i][j];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) reach[i][j] = response[i][0] * D[0][j] + response[i][1] * D[1][j] + response[i][2] * D[2][j];
    for (int i = 0; i < 3; i++) {
        const double *t = e->upper_through[i];
        for (int j = 0; j < 3; j++) q->Y[i][j] = e->upper_shunt[i][j] + t[0] * solved[0][j] + t[1] * solved[1][j] + t[2] * solved[2][j];
        for (int j = 0; j < 2; j++)
            q->source[i][j] = e->upper_source[i][j] + t[0] * solved[0][3 + j] + t[1] * solved[1][3 + j] + t[2] * solved[2][3 + j];
    }
    for (int i = 0; i < 2; i++) {
        const double *a = e->across[i], *r = response[i];
        for (int j = 0; j < 3; j++)
            q->response[i][j] = reach[i][0] * e->lower_through[0][j] + reach[i][1] * e->lower_through[1][j] +
                                reach[i][2] * e->lower_through[2][j] - a[0] * solved[0][j] - a[1] * solved[1][j] -
                                a[2] * solved[2][j] + e->upper_response[i][j];
        for (int j = 0; j < 2; j++)
            q->direct[i][j] += e->direct[i][j] + (r[0] + a[0]) * solved[0][3 + j] + (r[1] + a[1]) * solved[1][3 + j] +
                               (r[2] + a[2]) * solved[2][3 + j];
    }
}

/* kinds: 'M', 'F' or 'I' per element, bottom first; records: the elements' structs one after the other, film after film */
void sheet_conductance(long films, const char *kinds, const double *records, const double *B, double *out) {
    for (long n = 0; n < films; n++) {
        Port q;
        Element e;
        memset(&q, 0, sizeof q);
        for (const char *k = kinds; *k; k++) {
            if (*k == 'M') {
                metal((const Metal *)records, B, &e);
                records += sizeof(Metal) / sizeof(double);
            } else if (*k == 'F') {
                ferromagnet((const Ferromagnet *)records, B, &e);
                records += sizeof(Ferromagnet) / sizeof(double);
            } else {
                interface((const Interface *)records, &e);
                records += sizeof(Interface) / sizeof(double);
            }
            join(&q, &e);
        }
        double D[3][3];
        inverse(q.Y, D);
        for (int j = 0; j < 2; j++) {
            double psi[3];
            for (int i = 0; i < 3; i++) psi[i] = D[i][0] * q.source[0][j] + D[i][1] * q.source[1][j] + D[i][2] * q.source[2][j];
            for (int i = 0; i < 2; i++)
                *(out + 4 * n + 2 * i + j) = q.direct[i][j] + q.response[i][0] * psi[0] + q.response[i][1] * psi[1] +
                                             q.response[i][2] * psi[2];
        }
    }
}
