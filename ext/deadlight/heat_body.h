/* Conduction and heat content of a batch of HEAT_LANES elements of one kind, one element a lane.
 *
 * Included once for every instruction set by isa_clones.h; arrays with a trailing [HEAT_LANES] are
 * lane-innermost.  Tables are sums of ramps: v(T) = value + slope (T - start) + sum_j change_j max(T - knot_j, 0).
 */
#ifndef HEAT_LANES
#define HEAT_LANES 8
#define CG_LANES 16
#include <stdint.h>
typedef struct {
    double start, value, slope;
    const double *knot, *change;
    int n;
} heat_table;
#endif

/* v(T) at HEAT_LANES temperatures. */
static inline void ISA_NAME(heat_value)(const heat_table *table, const double *t, double *v) {
    for (int l = 0; l < HEAT_LANES; l++) v[l] = table->value + table->slope * (t[l] - table->start);
    for (int j = 0; j < table->n; j++) {
        const double knot = table->knot[j], change = table->change[j];
        for (int l = 0; l < HEAT_LANES; l++) {
            const double over = t[l] - knot;
            v[l] += change * (over > 0.0 ? over : 0.0);
        }
    }
}

/* Integral of v from `start` to T at HEAT_LANES temperatures. */
static inline void ISA_NAME(heat_integral)(const heat_table *table, const double *t, double *h) {
    for (int l = 0; l < HEAT_LANES; l++) {
        const double over = t[l] - table->start;
        h[l] = over * (table->value + 0.5 * table->slope * over);
    }
    for (int j = 0; j < table->n; j++) {
        const double knot = table->knot[j], half = 0.5 * table->change[j];
        for (int l = 0; l < HEAT_LANES; l++) {
            const double over = t[l] > knot ? t[l] - knot : 0.0;
            h[l] += half * over * over;
        }
    }
}

/* Element vectors: content N_i = int phi_i rho H(T) dV [J] and conduction C_i = int grad phi_i . k(T) grad T dV [W].
 *
 * nn nodes; nk points of the conduction rule with shape (nk, nn) and reference gradients (nk, nn, 3); nm points of the
 * mass rule with shape (nm, nn).  metric (nk, 6)[lanes] = w det J (J^-1 J^-T) as xx yy zz yz xz xy;
 * volume (nm)[lanes] = w det J.  T, content, conduction: (nn)[lanes].
 */
static void ISA_NAME(heat_vectors)(int nn, int nk, int nm, const double *shape_k, const double *grad, const double *shape_m,
                                   const double *T, const double *metric, const double *volume, const heat_table *k,
                                   const heat_table *c, double rho, double datum, double *content, double *conduction) {
    double t[HEAT_LANES], gx[HEAT_LANES], gy[HEAT_LANES], gz[HEAT_LANES], v[HEAT_LANES];
    for (int i = 0; i < nn * HEAT_LANES; i++) content[i] = conduction[i] = 0.0;
    for (int q = 0; q < nk; q++) {
        const double *s = shape_k + q * nn, *d = grad + q * nn * 3, *m = metric + q * 6 * HEAT_LANES;
        for (int l = 0; l < HEAT_LANES; l++) t[l] = gx[l] = gy[l] = gz[l] = 0.0;
        for (int i = 0; i < nn; i++) {
            const double *Ti = T + i * HEAT_LANES;
            for (int l = 0; l < HEAT_LANES; l++) {
                t[l] += s[i] * Ti[l];
                gx[l] += d[3 * i] * Ti[l];
                gy[l] += d[3 * i + 1] * Ti[l];
                gz[l] += d[3 * i + 2] * Ti[l];
            }
        }
        ISA_NAME(heat_value)(k, t, v);
        for (int l = 0; l < HEAT_LANES; l++) {
            const double *x = m + l;
            const double a = gx[l], b = gy[l], e = gz[l];
            gx[l] = v[l] * (x[0] * a + x[5 * HEAT_LANES] * b + x[4 * HEAT_LANES] * e);
            gy[l] = v[l] * (x[5 * HEAT_LANES] * a + x[HEAT_LANES] * b + x[3 * HEAT_LANES] * e);
            gz[l] = v[l] * (x[4 * HEAT_LANES] * a + x[3 * HEAT_LANES] * b + x[2 * HEAT_LANES] * e);
        }
        for (int i = 0; i < nn; i++) {
            double *Ci = conduction + i * HEAT_LANES;
            for (int l = 0; l < HEAT_LANES; l++) Ci[l] += d[3 * i] * gx[l] + d[3 * i + 1] * gy[l] + d[3 * i + 2] * gz[l];
        }
    }
    for (int q = 0; q < nm; q++) {
        const double *s = shape_m + q * nn, *w = volume + q * HEAT_LANES;
        for (int l = 0; l < HEAT_LANES; l++) t[l] = 0.0;
        for (int i = 0; i < nn; i++)
            for (int l = 0; l < HEAT_LANES; l++) t[l] += s[i] * T[i * HEAT_LANES + l];
        ISA_NAME(heat_integral)(c, t, v);
        for (int l = 0; l < HEAT_LANES; l++) v[l] = rho * w[l] * (v[l] - datum);
        for (int i = 0; i < nn; i++)
            for (int l = 0; l < HEAT_LANES; l++) content[i * HEAT_LANES + l] += s[i] * v[l];
    }
}

/* Element matrices: capacity int rho c(T) phi_i phi_j dV [J/K] and conductance int k(T) grad phi_i . grad phi_j dV [W/K],
 * full (nn, nn)[lanes], symmetric.  The variation of k is left out of the second (a symmetric approximate Jacobian). */
static void ISA_NAME(heat_matrices)(int nn, int nk, int nm, const double *shape_k, const double *grad, const double *shape_m,
                                    const double *T, const double *metric, const double *volume, const heat_table *k,
                                    const heat_table *c, double rho, double *capacity, double *conductance) {
    double t[HEAT_LANES], v[HEAT_LANES], b[3][HEAT_LANES];
    for (int i = 0; i < nn * nn * HEAT_LANES; i++) capacity[i] = conductance[i] = 0.0;
    for (int q = 0; q < nk; q++) {
        const double *s = shape_k + q * nn, *d = grad + q * nn * 3, *m = metric + q * 6 * HEAT_LANES;
        for (int l = 0; l < HEAT_LANES; l++) t[l] = 0.0;
        for (int i = 0; i < nn; i++)
            for (int l = 0; l < HEAT_LANES; l++) t[l] += s[i] * T[i * HEAT_LANES + l];
        ISA_NAME(heat_value)(k, t, v);
        for (int i = 0; i < nn; i++) {
            const double x = d[3 * i], y = d[3 * i + 1], z = d[3 * i + 2];
            for (int l = 0; l < HEAT_LANES; l++) {
                const double *g = m + l;
                b[0][l] = v[l] * (g[0] * x + g[5 * HEAT_LANES] * y + g[4 * HEAT_LANES] * z);
                b[1][l] = v[l] * (g[5 * HEAT_LANES] * x + g[HEAT_LANES] * y + g[3 * HEAT_LANES] * z);
                b[2][l] = v[l] * (g[4 * HEAT_LANES] * x + g[3 * HEAT_LANES] * y + g[2 * HEAT_LANES] * z);
            }
            for (int j = 0; j <= i; j++) {
                double *Kij = conductance + (i * nn + j) * HEAT_LANES;
                for (int l = 0; l < HEAT_LANES; l++) Kij[l] += d[3 * j] * b[0][l] + d[3 * j + 1] * b[1][l] + d[3 * j + 2] * b[2][l];
            }
        }
    }
    for (int q = 0; q < nm; q++) {
        const double *s = shape_m + q * nn, *w = volume + q * HEAT_LANES;
        for (int l = 0; l < HEAT_LANES; l++) t[l] = 0.0;
        for (int i = 0; i < nn; i++)
            for (int l = 0; l < HEAT_LANES; l++) t[l] += s[i] * T[i * HEAT_LANES + l];
        ISA_NAME(heat_value)(c, t, v);
        for (int l = 0; l < HEAT_LANES; l++) v[l] *= rho * w[l];
        for (int i = 0; i < nn; i++)
            for (int j = 0; j <= i; j++) {
                double *Mij = capacity + (i * nn + j) * HEAT_LANES;
                const double ss = s[i] * s[j];
                for (int l = 0; l < HEAT_LANES; l++) Mij[l] += ss * v[l];
            }
    }
    for (int i = 0; i < nn; i++)
        for (int j = 0; j < i; j++)
            for (int l = 0; l < HEAT_LANES; l++) {
                capacity[(j * nn + i) * HEAT_LANES + l] = capacity[(i * nn + j) * HEAT_LANES + l];
                conductance[(j * nn + i) * HEAT_LANES + l] = conductance[(i * nn + j) * HEAT_LANES + l];
            }
}

/* x += alpha p, r -= alpha y for rows first..last (multiples of the lanes); returns their part of r.(inverse r) and puts
 * the largest |inverse r| into *largest. */
static double ISA_NAME(cg_step)(int64_t first, int64_t last, float alpha, const float *p, const float *y, const float *inverse,
                                  float *x, float *r, double *largest) {
    float dot[CG_LANES], most[CG_LANES];
    for (int l = 0; l < CG_LANES; l++) dot[l] = most[l] = 0.0f;
    for (int64_t i = first; i < last; i += CG_LANES)
        for (int l = 0; l < CG_LANES; l++) {
            x[i + l] += alpha * p[i + l];
            r[i + l] -= alpha * y[i + l];
            const float z = r[i + l] * inverse[i + l], size = z < 0.0f ? -z : z;
            dot[l] += r[i + l] * z;
            most[l] = size > most[l] ? size : most[l];
        }
    double total = 0.0;
    *largest = 0.0;
    for (int l = 0; l < CG_LANES; l++) {
        total += dot[l];
        if (most[l] > *largest) *largest = most[l];
    }
    return total;
}
