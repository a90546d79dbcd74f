/* Heat blocked by a crack: interaction of two surface elements at many frequencies at once.
 *
 * With R = |x - y|, r = (x - y)/R, a = (1 + i) |a| / sqrt(2) (so a^2 = i |a|^2 = s / diffusivity on the imaginary axis),
 * G = exp(-a R) / (4 pi R), C the surface curl of a shape function times the Jacobian, N the shape functions,
 * n the normal times the Jacobian, P the shape functions of a flux density times the Jacobian and
 * the element's `density`:
 *
 *   H_ab   = int int G (C_a.C_b + a^2 n.n' N_a N_b)                            jump of temperature on both
 *   K_ab   = int int P_a(x) N_b(y) dG/dn(y)                                    mean temperature of a jump
 *   V_ab   = int int P_a P_b G                                                 temperature of a flux density
 *   load_a = int int (U x C_a) N_b theta_b,  U = -[f n + (e - 3 f) r (r.n)] / (4 pi R)     displacement of a jump
 *            int int (U x C_a) P_b gamma_b,  U = -f r / (4 pi)                             and of a flux density
 *   e = exp(-z), f = (1 - (1 + z) e) / z^2, z = a R
 *
 * Only E = exp(-a R) of frequencies without a predecessor is computed; the others are squares of it: a_k = 2 a_prev.
 * Rules: barycentric coordinates lf[3][n], ls[3][n] and weights w[n], n a multiple of 8.  Lanes run over points.
 */
#undef LANES
#undef vec
#if defined(__AVX512F__) || defined(__clang__)
#define LANES 8
#define vec vec8
#elif defined(__AVX2__)
#define LANES 4
#define vec vec4
#else
#define LANES 2
#define vec vec2
#endif
#define BATCH 16          /* vectors of points taken at once */
#define POINT 51          /* rows of a point: x 3, n 3, C 27, N 9, P 9 */
#define ROW_N 3
#define ROW_C 6
#define ROW_V 33
#define ROW_P 42
#define FOUR_PI 12.566370614359172954

static inline double ISA_NAME(sum)(vec x) {
    double s = 0;
    for (int v = 0; v < LANES; v++) s += x[v];
    return s;
}

static inline vec ISA_NAME(root)(vec x) {
    vec r;
    for (int v = 0; v < LANES; v++) r[v] = sqrt(x[v]);
    return r;
}

/* One element at LANES points (s, t). kind: 0 six-node, 1 nine-node, 2.. ring (bit 0, 1: sides on a mouth). out: POINT rows
 * BATCH apart. */
static inline void ISA_NAME(point)(int kind, const double* restrict at, vec s, vec t, double density, vec* restrict out) {
    vec x[3] = {{0}}, xs[3] = {{0}}, xt[3] = {{0}}, value[9], ds[9], dt[9], over = {0};
    int nn = kind == 0 ? 6 : 9;
    over += 1.0;
    if (kind == 0) {
        vec r = 1.0 - s - t, zero = {0};
        value[0] = r * (2.0 * r - 1.0); value[1] = s * (2.0 * s - 1.0); value[2] = t * (2.0 * t - 1.0);
        value[3] = 4.0 * r * s; value[4] = 4.0 * s * t; value[5] = 4.0 * t * r;
        ds[0] = 1.0 - 4.0 * r; ds[1] = 4.0 * s - 1.0; ds[2] = zero; ds[3] = 4.0 * (r - s); ds[4] = 4.0 * t; ds[5] = -4.0 * t;
        dt[0] = 1.0 - 4.0 * r; dt[1] = zero; dt[2] = 4.0 * t - 1.0; dt[3] = -4.0 * s; dt[4] = 4.0 * s; dt[5] = 4.0 * (r - t);
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 3; i++) {
                x[i] += value[a] * at[3 * a + i]; xs[i] += ds[a] * at[3 * a + i]; xt[i] += dt[a] * at[3 * a + i];
            }
    } else {
        static const int row_s[9] = {0, 2, 2, 0, 1, 2, 1, 0, 1}, row_t[9] = {0, 0, 2, 2, 0, 1, 2, 1, 1};
        vec fs[3] = {(1.0 - s) * (1.0 - 2.0 * s), 4.0 * s * (1.0 - s), s * (2.0 * s - 1.0)};
        vec gs[3] = {4.0 * s - 3.0, 4.0 - 8.0 * s, 4.0 * s - 1.0};
        vec ft[2][3] = {{(1.0 - t) * (1.0 - 2.0 * t), 4.0 * t * (1.0 - t), t * (2.0 * t - 1.0)}};
        vec gt[2][3] = {{4.0 * t - 3.0, 4.0 - 8.0 * t, 4.0 * t - 1.0}};
        ft[1][1] = (t - t * t * t) * (8.0 / 3.0); ft[1][2] = (4.0 * t * t * t - t) * (1.0 / 3.0);
        ft[1][0] = 1.0 - ft[1][1] - ft[1][2];
        gt[1][1] = (1.0 - 3.0 * t * t) * (8.0 / 3.0); gt[1][2] = (12.0 * t * t - 1.0) * (1.0 / 3.0);
        gt[1][0] = -gt[1][1] - gt[1][2];
        int own[3] = {kind > 1 && !((kind - 2) & 1), kind > 1, kind > 1 && !((kind - 2) & 2)};
        for (int a = 0; a < 9; a++) {
            value[a] = fs[row_s[a]] * ft[0][row_t[a]]; ds[a] = gs[row_s[a]] * ft[0][row_t[a]]; dt[a] = fs[row_s[a]] * gt[0][row_t[a]];
            for (int i = 0; i < 3; i++) {
                x[i] += value[a] * at[3 * a + i]; xs[i] += ds[a] * at[3 * a + i]; xt[i] += dt[a] * at[3 * a + i];
            }
        }
        if (kind > 1) {
            over = 1.0 / t; /* a flux density grows like 1/sqrt(r) towards the front */
            if (density != 0) for (int a = 0; a < 9; a++) out[(ROW_P + a) * BATCH] = value[a];
            for (int a = 0; a < 9; a++) {
                int o = own[row_s[a]];
                value[a] = fs[row_s[a]] * ft[o][row_t[a]]; ds[a] = gs[row_s[a]] * ft[o][row_t[a]]; dt[a] = fs[row_s[a]] * gt[o][row_t[a]];
            }
        }
    }
    vec n[3] = {xs[1] * xt[2] - xs[2] * xt[1], xs[2] * xt[0] - xs[0] * xt[2], xs[0] * xt[1] - xs[1] * xt[0]};
    for (int i = 0; i < 3; i++) { out[i * BATCH] = x[i]; out[(ROW_N + i) * BATCH] = n[i]; }
    for (int a = 0; a < nn; a++) {
        for (int i = 0; i < 3; i++) out[(ROW_C + 3 * a + i) * BATCH] = ds[a] * xt[i] - dt[a] * xs[i];
        out[(ROW_V + a) * BATCH] = value[a];
    }
    if (density != 0) {
        over *= density * ISA_NAME(root)(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        for (int a = 0; a < nn; a++) out[(ROW_P + a) * BATCH] = over * (kind > 1 ? out[(ROW_P + a) * BATCH] : value[a]);
    } else {
        for (int a = 0; a < nn; a++) out[(ROW_P + a) * BATCH] = (vec){0};
    }
}

static inline void ISA_NAME(nodes)(const double* points, const int64_t* cell, int nn, double* at) {
    for (int a = 0; a < nn; a++)
        for (int i = 0; i < 3; i++) at[3 * a + i] = points[3 * cell[a] + i];
}

/* Points p0 ... of the rule in both elements; returns how many vectors. */
static inline int ISA_NAME(both)(
    int64_t p0, int64_t n, const double* lf, const double* ls, int kind_e, const double* at_e, const double* ce, int kind_f,
    const double* at_f, const double* cf, double density_e, double density_f, vec* restrict e, vec* restrict f)
{
    int np = (n - p0) / LANES < BATCH ? (int)((n - p0) / LANES) : BATCH;
    for (int p = 0; p < np; p++) {
        int64_t q = p0 + (int64_t)p * LANES;
        vec a0 = *(const vec*)(lf + q), a1 = *(const vec*)(lf + n + q), a2 = *(const vec*)(lf + 2 * n + q);
        ISA_NAME(point)(kind_e, at_e, a0 * ce[0] + a1 * ce[2] + a2 * ce[4], a0 * ce[1] + a1 * ce[3] + a2 * ce[5], density_e, e + p);
        a0 = *(const vec*)(ls + q); a1 = *(const vec*)(ls + n + q); a2 = *(const vec*)(ls + 2 * n + q);
        ISA_NAME(point)(kind_f, at_f, a0 * cf[0] + a1 * cf[2] + a2 * cf[4], a0 * cf[1] + a1 * cf[3] + a2 * cf[5], density_f, f + p);
    }
    return np;
}

/* exp(-a R) of all frequencies at LANES points. er, ei: BATCH apart. */
static inline void ISA_NAME(decay)(vec distance, int nf, const double* size, const int64_t* previous, vec* restrict er, vec* restrict ei) {
    for (int k = 0; k < nf; k++) {
        if (previous[k] >= 0) {
            vec c = er[previous[k] * BATCH], s = ei[previous[k] * BATCH];
            er[k * BATCH] = c * c - s * s;
            ei[k * BATCH] = 2.0 * c * s;
        } else {
            vec x = distance * (size[k] * 0.70710678118654752440), c, s;
            for (int v = 0; v < LANES; v++) {
                double d = exp(-x[v]);
                c[v] = d * cos(x[v]);
                s[v] = -d * sin(x[v]);
            }
            er[k * BATCH] = c;
            ei[k * BATCH] = s;
        }
    }
}

/* Blocks of jobs first ... last - 1.  flags (jobs): bit 0 K wanted, bit 1 V wanted, bit 2 the same element twice.
 * out[job][part][frequency][2][81]: part 0 H, 1 K(e, f), 2 K(f, e), 3 V; parts: how many there is room for (1 or 4).
 * room: (2 POINT + 1 + 4 nf + 2) BATCH vectors. */
static void ISA_NAME(blocks)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const int64_t* restrict pair,
    const double* restrict corner, const int64_t* restrict flags, const double* restrict density, int64_t first, int64_t last, int64_t n, const double* restrict lf,
    const double* restrict ls, const double* restrict w, int nf, const double* restrict size, const int64_t* restrict previous,
    int parts, double* restrict out, double* restrict room)
{
    vec* restrict e = (vec*)room;
    vec* restrict f = e + POINT * BATCH;
    vec* restrict er = f + POINT * BATCH;
    vec* restrict ei = er + nf * BATCH;
    vec* restrict gr = ei + nf * BATCH;
    vec* restrict gi = gr + nf * BATCH;
    vec* restrict one = gi + nf * BATCH;
    vec* restrict two = one + BATCH;
    vec* restrict nn = two + BATCH;
    for (int64_t job = first; job < last; job++) {
        int64_t ee = pair[2 * job], ff = pair[2 * job + 1];
        int ke = (int)kind[ee], kf = (int)kind[ff], ne = ke == 0 ? 6 : 9, mf = kf == 0 ? 6 : 9, dense = flags[job] & 3;
        double at_e[27], at_f[27];
        double* to = out + (int64_t)(job - first) * parts * nf * 162;
        for (int64_t i = 0; i < (int64_t)parts * nf * 162; i++) to[i] = 0;
        ISA_NAME(nodes)(points, cells + 9 * ee, ne, at_e);
        ISA_NAME(nodes)(points, cells + 9 * ff, mf, at_f);
        for (int64_t p0 = 0; p0 < n; p0 += BATCH * LANES) {
            int np = ISA_NAME(both)(p0, n, lf, ls, ke, at_e, corner + 12 * job, kf, at_f, corner + 12 * job + 6, density[ee], density[ff], e, f);
            for (int p = 0; p < np; p++) {
                vec d[3], r2, r, g;
                for (int i = 0; i < 3; i++) d[i] = e[i * BATCH + p] - f[i * BATCH + p];
                r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                r = ISA_NAME(root)(r2);
                g = *(const vec*)(w + p0 + p * LANES) / (r * FOUR_PI);
                ISA_NAME(decay)(r, nf, size, previous, er + p, ei + p);
                for (int k = 0; k < nf; k++) { gr[k * BATCH + p] = er[k * BATCH + p] * g; gi[k * BATCH + p] = ei[k * BATCH + p] * g; }
                nn[p] = e[ROW_N * BATCH + p] * f[ROW_N * BATCH + p] + e[(ROW_N + 1) * BATCH + p] * f[(ROW_N + 1) * BATCH + p]
                      + e[(ROW_N + 2) * BATCH + p] * f[(ROW_N + 2) * BATCH + p];
            }
            for (int a = 0; a < ne; a++)
                for (int b = 0; b < mf; b++) {
                    const vec *ca = e + (ROW_C + 3 * a) * BATCH, *cb = f + (ROW_C + 3 * b) * BATCH;
                    const vec *va = e + (ROW_V + a) * BATCH, *vb = f + (ROW_V + b) * BATCH;
                    for (int p = 0; p < np; p++) {
                        one[p] = ca[p] * cb[p] + ca[p + BATCH] * cb[p + BATCH] + ca[p + 2 * BATCH] * cb[p + 2 * BATCH];
                        two[p] = va[p] * vb[p] * nn[p];
                    }
                    for (int k = 0; k < nf; k++) {
                        vec s0 = {0}, s1 = {0}, q = {0};
                        double a2 = size[k] * size[k];
                        q += a2;
                        for (int p = 0; p < np; p++) {
                            vec re = gr[k * BATCH + p], im = gi[k * BATCH + p], t = two[p] * q;
                            s0 += one[p] * re - t * im;
                            s1 += one[p] * im + t * re;
                        }
                        to[k * 162 + a * 9 + b] += ISA_NAME(sum)(s0);
                        to[k * 162 + 81 + a * 9 + b] += ISA_NAME(sum)(s1);
                    }
                }
            if (!dense || parts < 4) continue;
            for (int part = 1; part < 4; part++) {
                if (!(flags[job] & (part == 3 ? 2 : 1)) || (part == 2 && (flags[job] & 4))) continue;
                for (int p = 0; p < np; p++) { /* weight of the part beside G */
                    vec d[3], r2, r, dot, s = {0};
                    for (int i = 0; i < 3; i++) d[i] = e[i * BATCH + p] - f[i * BATCH + p];
                    r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                    r = ISA_NAME(root)(r2);
                    const vec* m = part == 1 ? f : e;
                    dot = d[0] * m[ROW_N * BATCH + p] + d[1] * m[(ROW_N + 1) * BATCH + p] + d[2] * m[(ROW_N + 2) * BATCH + p];
                    dot = part == 2 ? -dot / r2 : dot / r2;
                    for (int k = 0; k < nf; k++) {
                        vec re = gr[k * BATCH + p], im = gi[k * BATCH + p];
                        if (part == 3) { er[k * BATCH + p] = re; ei[k * BATCH + p] = im; continue; }
                        s = r * (size[k] * 0.70710678118654752440); /* (1 + a R) G (r.n) / R */
                        er[k * BATCH + p] = (re * (1.0 + s) - im * s) * dot;
                        ei[k * BATCH + p] = (im * (1.0 + s) + re * s) * dot;
                    }
                }
                for (int a = 0; a < ne; a++)
                    for (int b = 0; b < mf; b++) {
                        const vec* va = e + ((part == 2 ? ROW_V : ROW_P) + a) * BATCH;
                        const vec* vb = f + ((part == 1 ? ROW_V : ROW_P) + b) * BATCH;
                        for (int k = 0; k < nf; k++) {
                            vec s0 = {0}, s1 = {0};
                            for (int p = 0; p < np; p++) {
                                vec t = va[p] * vb[p];
                                s0 += t * er[k * BATCH + p];
                                s1 += t * ei[k * BATCH + p];
                            }
                            to[(part * nf + k) * 162 + a * 9 + b] += ISA_NAME(sum)(s0);
                            to[(part * nf + k) * 162 + 81 + a * 9 + b] += ISA_NAME(sum)(s1);
                        }
                    }
            }
        }
    }
}

/* f = (1 - (1 + z) exp(-z)) / z^2 of z = x (1 + i); near 0 by its series sum (-z)^k (k + 1) / (k + 2)! */
static inline void ISA_NAME(bend)(vec x, vec er, vec ei, vec* fr, vec* fi) {
    vec a = 0.0 * x, b = 0.0 * x, re, im, u;
    for (int k = 13; k >= 0; k--) { /* Horner in -z = -x - i x */
        static const double c[14] = {1.0 / 2, 1.0 / 3, 1.0 / 8, 1.0 / 30, 1.0 / 144, 1.0 / 840, 1.0 / 5760, 1.0 / 45360, 1.0 / 403200,
            1.0 / 3991680, 1.0 / 43545600, 1.0 / 518918400, 1.0 / 6706022400.0, 1.0 / 93405312000.0};
        u = -x * (a - b) + c[k];
        b = -x * (a + b);
        a = u;
    }
    re = 1.0 - ((1.0 + x) * er - x * ei);
    im = -((1.0 + x) * ei + x * er);
    u = 2.0 * x * x; /* z^2 = i u */
    for (int v = 0; v < LANES; v++)
        if (x[v] > 0.5) { a[v] = im[v] / u[v]; b[v] = -re[v] / u[v]; }
    *fr = a;
    *fi = b;
}

/* load += of jobs one after the other.  theta, gamma: (frequency, node, mode) complex or null; load (frequency, node, 3, mode)
 * complex, as doubles; nodes: how many.  flags bit 1: a flux density acts, bit 2: the same element twice.
 * room: (2 POINT + 2 nf + 8) BATCH vectors. */
static void ISA_NAME(loads)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const int64_t* restrict pair,
    const double* restrict corner, const int64_t* restrict flags, const double* restrict density, int64_t first, int64_t last, int64_t n, const double* restrict lf,
    const double* restrict ls, const double* restrict w, int nf, const double* restrict size, const int64_t* restrict previous,
    int64_t modes, int64_t n_nodes, const double* restrict theta, const double* restrict gamma, double* restrict out,
    double* restrict room)
{
    vec* restrict e = (vec*)room;
    vec* restrict f = e + POINT * BATCH;
    vec* restrict er = f + POINT * BATCH;
    vec* restrict ei = er + nf * BATCH;
    vec* restrict u = ei + nf * BATCH; /* 6 rows: U re, im */
    for (int64_t job = first; job < last; job++) {
        int64_t el[2] = {pair[2 * job], pair[2 * job + 1]};
        int k0 = (int)kind[el[0]], k1 = (int)kind[el[1]], count[2] = {k0 == 0 ? 6 : 9, k1 == 0 ? 6 : 9}, dense = flags[job] & 2;
        double at_e[27], at_f[27];
        ISA_NAME(nodes)(points, cells + 9 * el[0], count[0], at_e);
        ISA_NAME(nodes)(points, cells + 9 * el[1], count[1], at_f);
        for (int64_t p0 = 0; p0 < n; p0 += BATCH * LANES) {
            int np = ISA_NAME(both)(p0, n, lf, ls, k0, at_e, corner + 12 * job, k1, at_f, corner + 12 * job + 6, density[el[0]], density[el[1]], e, f);
            for (int p = 0; p < np; p++) {
                vec r2 = {0};
                for (int i = 0; i < 3; i++) { vec d = e[i * BATCH + p] - f[i * BATCH + p]; r2 += d * d; }
                ISA_NAME(decay)(ISA_NAME(root)(r2), nf, size, previous, er + p, ei + p);
            }
            for (int way = 0; way < (flags[job] & 4 ? 1 : 2); way++) { /* acts on x of element way, from y of the other */
                const vec *x = way ? f : e, *y = way ? e : f;
                const int64_t *cx = cells + 9 * el[way], *cy = cells + 9 * el[1 - way];
                for (int what = 0; what < (dense ? 2 : 1); what++) {
                    const double* values = what ? gamma : theta;
                    int row = what ? ROW_P : ROW_V;
                    for (int k = 0; k < nf; k++) {
                        for (int p = 0; p < np; p++) {
                            vec d[3], m[3], r, ir, fr, fi, kr, ki, weight, dot;
                            for (int i = 0; i < 3; i++) { d[i] = x[i * BATCH + p] - y[i * BATCH + p]; m[i] = y[(ROW_N + i) * BATCH + p]; }
                            r = ISA_NAME(root)(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
                            ir = 1.0 / r;
                            ISA_NAME(bend)(r * (size[k] * 0.70710678118654752440), er[k * BATCH + p], ei[k * BATCH + p], &fr, &fi);
                            weight = *(const vec*)(w + p0 + p * LANES) * ir * (-1.0 / FOUR_PI);
                            if (what) { /* -f r / (4 pi), times weight; the sign of -V gamma is the caller's */
                                for (int i = 0; i < 3; i++) {
                                    u[i * BATCH + p] = fr * d[i] * weight;
                                    u[(3 + i) * BATCH + p] = fi * d[i] * weight;
                                }
                                continue;
                            }
                            dot = (d[0] * m[0] + d[1] * m[1] + d[2] * m[2]) * ir * ir;
                            kr = (er[k * BATCH + p] - 3.0 * fr) * dot * weight;
                            ki = (ei[k * BATCH + p] - 3.0 * fi) * dot * weight;
                            for (int i = 0; i < 3; i++) {
                                u[i * BATCH + p] = fr * weight * m[i] + kr * d[i];
                                u[(3 + i) * BATCH + p] = fi * weight * m[i] + ki * d[i];
                            }
                        }
                        for (int64_t mode = 0; mode < modes; mode++) {
                            vec sum[54];
                            for (int i = 0; i < 6 * count[way]; i++) sum[i] = (vec){0};
                            for (int p = 0; p < np; p++) {
                                vec re = {0}, im = {0}, q[6];
                                for (int b = 0; b < count[1 - way]; b++) {
                                    const double* value = values + 2 * ((k * n_nodes + cy[b]) * modes + mode);
                                    re += y[(row + b) * BATCH + p] * value[0];
                                    im += y[(row + b) * BATCH + p] * value[1];
                                }
                                for (int i = 0; i < 3; i++) {
                                    q[i] = u[i * BATCH + p] * re - u[(3 + i) * BATCH + p] * im;
                                    q[3 + i] = u[i * BATCH + p] * im + u[(3 + i) * BATCH + p] * re;
                                }
                                for (int a = 0; a < count[way]; a++) {
                                    const vec* c = x + (ROW_C + 3 * a) * BATCH + p;
                                    vec c0 = c[0], c1 = c[BATCH], c2 = c[2 * BATCH];
                                    sum[6 * a] += q[1] * c2 - q[2] * c1; sum[6 * a + 1] += q[4] * c2 - q[5] * c1;
                                    sum[6 * a + 2] += q[2] * c0 - q[0] * c2; sum[6 * a + 3] += q[5] * c0 - q[3] * c2;
                                    sum[6 * a + 4] += q[0] * c1 - q[1] * c0; sum[6 * a + 5] += q[3] * c1 - q[4] * c0;
                                }
                            }
                            for (int a = 0; a < count[way]; a++)
                                for (int i = 0; i < 3; i++) {
                                    double* to = out + 2 * (((k * n_nodes + cx[a]) * 3 + i) * modes + mode);
                                    to[0] += ISA_NAME(sum)(sum[6 * a + 2 * i]);
                                    to[1] += ISA_NAME(sum)(sum[6 * a + 2 * i + 1]);
                                }
                        }
                    }
                }
            }
        }
    }
}
#undef BATCH
#undef POINT
#undef ROW_N
#undef ROW_C
#undef ROW_V
#undef ROW_P
#undef FOUR_PI
