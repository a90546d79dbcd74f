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
 * Rules: barycentric coordinates lf[3][n], ls[3][n] and weights w[n].  Lanes run over jobs, which must agree in the kinds of
 * their elements wherever LANES of them are taken together: the caller sorts them and says how many at most.
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
#define BATCH 16          /* points taken at once */
#define POINT 51          /* rows of a point: x 3, n 3, C 27, N 9, P 9 */
#define ROW_N 3
#define ROW_C 6
#define ROW_V 33
#define ROW_P 42
#define FOUR_PI 12.566370614359172954
#define GONE 55.0         /* |a| R beyond which exp(-a R) < 2e-17 */

static inline vec ISA_NAME(root)(vec x) {
    vec r;
    for (int v = 0; v < LANES; v++) r[v] = sqrt(x[v]);
    return r;
}

/* LANES elements of one kind at a point (s, t) each. kind: 0 six-node, 1 nine-node, 2.. ring (bit 0, 1: sides on a mouth). out: POINT rows
 * BATCH apart. */
static inline void ISA_NAME(point)(int kind, const vec* restrict at, vec s, vec t, int dense, vec density, vec* restrict out) {
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
            if (dense) for (int a = 0; a < 9; a++) out[(ROW_P + a) * BATCH] = value[a];
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
    if (dense) {
        over *= density * ISA_NAME(root)(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        for (int a = 0; a < nn; a++) out[(ROW_P + a) * BATCH] = over * (kind > 1 ? out[(ROW_P + a) * BATCH] : value[a]);
    } else {
        for (int a = 0; a < nn; a++) out[(ROW_P + a) * BATCH] = (vec){0};
    }
}

static inline int ISA_NAME(nodes)(const double* points, const int64_t* cells, int kind, const int64_t* element, vec* at) {
    int nn = kind == 0 ? 6 : 9;
    for (int a = 0; a < nn; a++)
        for (int v = 0; v < LANES; v++)
            for (int i = 0; i < 3; i++) at[3 * a + i][v] = points[3 * cells[9 * element[v] + a] + i];
    return nn;
}

/* LANES jobs (fewer at the end: the first one again) and their elements. */
typedef struct {
    int64_t job[LANES], element[2][LANES];
    int kind[2], count[2], dense;
    vec at[2][27], corner[2][6], density[2];
} ISA_NAME(jobs);

static inline void ISA_NAME(gather)(
    const double* points, const int64_t* cells, const int64_t* kind, const int64_t* pair, const double* corner,
    const double* density, int64_t c, int64_t lanes, ISA_NAME(jobs)* j)
{
    for (int v = 0; v < LANES; v++) {
        j->job[v] = c + (v < lanes ? v : 0);
        for (int side = 0; side < 2; side++) {
            j->element[side][v] = pair[2 * j->job[v] + side];
            j->density[side][v] = density[j->element[side][v]];
            for (int i = 0; i < 6; i++) j->corner[side][i][v] = corner[12 * j->job[v] + 6 * side + i];
        }
    }
    for (int side = 0; side < 2; side++) {
        j->kind[side] = (int)kind[j->element[side][0]];
        j->count[side] = ISA_NAME(nodes)(points, cells, j->kind[side], j->element[side], j->at[side]);
    }
}

/* Points p0 ... p0 + np - 1 of the rule in both elements. */
static inline void ISA_NAME(both)(
    const ISA_NAME(jobs)* j, int64_t p0, int np, int64_t n, const double* lf, const double* ls, vec* restrict e, vec* restrict f)
{
    const vec *ce = j->corner[0], *cf = j->corner[1];
    for (int p = 0; p < np; p++) {
        double a0 = lf[p0 + p], a1 = lf[n + p0 + p], a2 = lf[2 * n + p0 + p];
        ISA_NAME(point)(j->kind[0], j->at[0], ce[0] * a0 + ce[2] * a1 + ce[4] * a2, ce[1] * a0 + ce[3] * a1 + ce[5] * a2,
                        j->dense, j->density[0], e + p);
        a0 = ls[p0 + p]; a1 = ls[n + p0 + p]; a2 = ls[2 * n + p0 + p];
        ISA_NAME(point)(j->kind[1], j->at[1], cf[0] * a0 + cf[2] * a1 + cf[4] * a2, cf[1] * a0 + cf[3] * a1 + cf[5] * a2,
                        j->dense, j->density[1], f + p);
    }
}

/* exp(-a R) of all frequencies in all lanes. er, ei: BATCH apart. */
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
 * out[job][part][frequency][re, im][a][b]: part 0 H, 1 K(e, f), 2 K(f, e), 3 V; parts: how many there is room for (1 or
 * 4), rows of length parts nf 162.  active[job]: frequencies (rising) that reach from one element to the other.
 * room: (2 POINT + 4 nf + 3) BATCH + parts nf 162 vectors. */
static void ISA_NAME(blocks)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const int64_t* restrict pair,
    const double* restrict corner, const int64_t* restrict flags, const double* restrict density, int64_t first, int64_t last,
    int64_t n, const double* restrict lf, const double* restrict ls, const double* restrict w, int nf,
    const double* restrict size, const int64_t* restrict previous, int parts, double* restrict out,
    int64_t* restrict active, double* restrict room)
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
    vec* restrict acc = nn + BATCH;
    for (int64_t c = first; c < last; c += LANES) {
        int64_t lanes = last - c < LANES ? last - c : LANES;
        ISA_NAME(jobs) j;
        int any = 0;
        for (int v = 0; v < lanes; v++) any |= (int)flags[c + v];
        j.dense = parts == 4 && (any & 3);
        ISA_NAME(gather)(points, cells, kind, pair, corner, density, c, lanes, &j);
        int ne = j.count[0], mf = j.count[1], block = 2 * ne * mf, half = ne * mf, most = 0;
        for (int i = 0; i < parts * nf * block; i++) acc[i] = (vec){0};
        for (int64_t p0 = 0; p0 < n; p0 += BATCH) {
            int np = n - p0 < BATCH ? (int)(n - p0) : BATCH;
            ISA_NAME(both)(&j, p0, np, n, lf, ls, e, f);
            double nearest = 1e300;
            for (int p = 0; p < np; p++) {
                vec r2 = {0};
                for (int i = 0; i < 3; i++) { vec d = e[i * BATCH + p] - f[i * BATCH + p]; r2 += d * d; }
                for (int v = 0; v < LANES; v++) nearest = r2[v] < nearest ? r2[v] : nearest;
            }
            nearest = sqrt(nearest);
            int na = nf; /* frequencies that are not gone at this distance */
            while (na > 0 && size[na - 1] * nearest > GONE) na--;
            most = na > most ? na : most;
            for (int p = 0; p < np; p++) {
                vec d[3], r2, r, g;
                for (int i = 0; i < 3; i++) d[i] = e[i * BATCH + p] - f[i * BATCH + p];
                r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                r = ISA_NAME(root)(r2);
                g = w[p0 + p] / (r * FOUR_PI);
                ISA_NAME(decay)(r, na, size, previous, er + p, ei + p);
                for (int k = 0; k < na; k++) { gr[k * BATCH + p] = er[k * BATCH + p] * g; gi[k * BATCH + p] = ei[k * BATCH + p] * g; }
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
                    for (int k = 0; k < na; k++) {
                        vec s0 = {0}, s1 = {0}, t0 = {0}, t1 = {0};
                        for (int p = 0; p < np; p++) {
                            vec re = gr[k * BATCH + p], im = gi[k * BATCH + p];
                            s0 += one[p] * re; s1 += one[p] * im;
                            t0 += two[p] * re; t1 += two[p] * im;
                        }
                        acc[k * block + a * mf + b] += s0 - t1 * (size[k] * size[k]);
                        acc[k * block + half + a * mf + b] += s1 + t0 * (size[k] * size[k]);
                    }
                }
            if (!j.dense) continue;
            for (int part = 1; part < 4; part++) {
                if (!(any & (part == 3 ? 2 : 1))) continue;
                for (int p = 0; p < np; p++) { /* weight of the part beside G */
                    vec d[3], r2, r, dot, s;
                    for (int i = 0; i < 3; i++) d[i] = e[i * BATCH + p] - f[i * BATCH + p];
                    r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                    r = ISA_NAME(root)(r2);
                    const vec* m = part == 1 ? f : e;
                    dot = d[0] * m[ROW_N * BATCH + p] + d[1] * m[(ROW_N + 1) * BATCH + p] + d[2] * m[(ROW_N + 2) * BATCH + p];
                    dot = part == 2 ? -dot / r2 : dot / r2;
                    for (int k = 0; k < na; k++) {
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
                        for (int k = 0; k < na; k++) {
                            vec s0 = {0}, s1 = {0};
                            for (int p = 0; p < np; p++) {
                                vec t = va[p] * vb[p];
                                s0 += t * er[k * BATCH + p];
                                s1 += t * ei[k * BATCH + p];
                            }
                            acc[(part * nf + k) * block + a * mf + b] += s0;
                            acc[(part * nf + k) * block + half + a * mf + b] += s1;
                        }
                    }
            }
        }
        for (int v = 0; v < lanes; v++) {
            active[c - first + v] = most;
            for (int part = 0; part < (j.dense ? 4 : 1); part++) {
                double* to = out + (c - first + v) * parts * nf * 162 + part * nf * block;
                const vec* from = acc + part * nf * block;
                for (int i = 0; i < most * block; i++) to[i] = from[i][v];
            }
        }
    }
}

/* f = (1 - (1 + z) exp(-z)) / z^2 of z = x (1 + i); near 0 by its series sum (-z)^k (k + 1) / (k + 2)! */
static inline void ISA_NAME(bend)(vec x, vec er, vec ei, vec* fr, vec* fi) {
    vec a = 0.0 * x, b = 0.0 * x, re, im, u;
    int near = 0, far = 0;
    for (int v = 0; v < LANES; v++) {
        near |= x[v] <= 0.5;
        far |= x[v] > 0.5;
    }
    if (near) for (int k = 13; k >= 0; k--) { /* Horner in -z = -x - i x */
        static const double c[14] = {1.0 / 2, 1.0 / 3, 1.0 / 8, 1.0 / 30, 1.0 / 144, 1.0 / 840, 1.0 / 5760, 1.0 / 45360, 1.0 / 403200,
            1.0 / 3991680, 1.0 / 43545600, 1.0 / 518918400, 1.0 / 6706022400.0, 1.0 / 93405312000.0};
        u = -x * (a - b) + c[k];
        b = -x * (a + b);
        a = u;
    }
    if (!far) {
        *fr = a;
        *fi = b;
        return;
    }
    re = 1.0 - ((1.0 + x) * er - x * ei);
    im = -((1.0 + x) * ei + x * er);
    u = 2.0 * x * x; /* z^2 = i u */
    for (int v = 0; v < LANES; v++)
        if (x[v] > 0.5) { a[v] = im[v] / u[v]; b[v] = -re[v] / u[v]; }
    *fr = a;
    *fi = b;
}

/* load += of jobs one after the other.  theta, gamma: (frequency, node, mode) complex; load (frequency, node, 3, mode)
 * complex, as doubles; n_nodes: how many.  flags bit 1: a flux density acts, bit 2: the same element twice.
 * room: (2 POINT + 4 nf + 18) BATCH + 108 nf modes vectors. */
static void ISA_NAME(loads)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const int64_t* restrict pair,
    const double* restrict corner, const int64_t* restrict flags, const double* restrict density, int64_t first, int64_t last,
    int64_t n, const double* restrict lf, const double* restrict ls, const double* restrict w, int nf,
    const double* restrict size, const int64_t* restrict previous, int64_t modes, int64_t n_nodes,
    const double* restrict theta, const double* restrict gamma, double* restrict out, double* restrict room)
{
    vec* restrict e = (vec*)room;
    vec* restrict f = e + POINT * BATCH;
    vec* restrict er = f + POINT * BATCH;
    vec* restrict ei = er + nf * BATCH;
    vec* restrict fr = ei + nf * BATCH;
    vec* restrict fi = fr + nf * BATCH;
    vec* restrict u = fi + nf * BATCH; /* 6 rows: U re, im */
    vec* restrict q = u + 6 * BATCH;   /* 6 rows: U times the density */
    vec* restrict d = q + 6 * BATCH;   /* 3 rows: x - y of elements 0, 1 */
    vec* restrict m = d + 3 * BATCH;   /* 2 rows: weight / (4 pi R), 1 / R^2 */
    vec* restrict acc = m + 3 * BATCH; /* [way][frequency][mode][54] */
    for (int64_t c = first; c < last; c += LANES) {
        int64_t lanes = last - c < LANES ? last - c : LANES;
        ISA_NAME(jobs) j;
        int any = 0;
        for (int v = 0; v < lanes; v++) any |= (int)flags[c + v];
        j.dense = any & 2;
        ISA_NAME(gather)(points, cells, kind, pair, corner, density, c, lanes, &j);
        for (int64_t i = 0; i < 108 * nf * modes; i++) acc[i] = (vec){0};
        for (int64_t p0 = 0; p0 < n; p0 += BATCH) {
            int np = n - p0 < BATCH ? (int)(n - p0) : BATCH;
            ISA_NAME(both)(&j, p0, np, n, lf, ls, e, f);
            for (int p = 0; p < np; p++) {
                vec r2 = {0}, r;
                for (int i = 0; i < 3; i++) {
                    vec x = e[i * BATCH + p] - f[i * BATCH + p];
                    d[i * BATCH + p] = x;
                    r2 += x * x;
                }
                r = ISA_NAME(root)(r2);
                m[p] = w[p0 + p] / (r * FOUR_PI);
                m[BATCH + p] = 1.0 / r2;
                ISA_NAME(decay)(r, nf, size, previous, er + p, ei + p);
                for (int k = 0; k < nf; k++)
                    ISA_NAME(bend)(r * (size[k] * 0.70710678118654752440), er[k * BATCH + p], ei[k * BATCH + p], fr + k * BATCH + p, fi + k * BATCH + p);
            }
            for (int way = 0; way < 2; way++) { /* acts on x of element way, from y of the other */
                const vec *x = way ? f : e, *y = way ? e : f;
                double sign = way ? 1.0 : -1.0; /* -(x - y) */
                int nx = j.count[way], ny = j.count[1 - way];
                for (int what = 0; what < (j.dense ? 2 : 1); what++) {
                    const double* values = what ? gamma : theta;
                    const vec* shape = y + (what ? ROW_P : ROW_V) * BATCH;
                    for (int k = 0; k < nf; k++) {
                        for (int p = 0; p < np; p++) {
                            vec weight = m[p], re = fr[k * BATCH + p], im = fi[k * BATCH + p];
                            vec dx = d[p], dy = d[BATCH + p], dz = d[2 * BATCH + p], sr, si;
                            if (what) { /* -f r / (4 pi) */
                                sr = re * weight * sign; si = im * weight * sign;
                                u[p] = sr * dx; u[BATCH + p] = sr * dy; u[2 * BATCH + p] = sr * dz;
                                u[3 * BATCH + p] = si * dx; u[4 * BATCH + p] = si * dy; u[5 * BATCH + p] = si * dz;
                                continue;
                            }
                            vec n0 = y[ROW_N * BATCH + p], n1 = y[(ROW_N + 1) * BATCH + p], n2 = y[(ROW_N + 2) * BATCH + p];
                            vec dot = -(dx * n0 + dy * n1 + dz * n2) * m[BATCH + p] * weight; /* even in x - y */
                            sr = (er[k * BATCH + p] - 3.0 * re) * dot;
                            si = (ei[k * BATCH + p] - 3.0 * im) * dot;
                            re *= -weight; im *= -weight;
                            u[p] = re * n0 + sr * dx; u[BATCH + p] = re * n1 + sr * dy; u[2 * BATCH + p] = re * n2 + sr * dz;
                            u[3 * BATCH + p] = im * n0 + si * dx; u[4 * BATCH + p] = im * n1 + si * dy; u[5 * BATCH + p] = im * n2 + si * dz;
                        }
                        for (int64_t mode = 0; mode < modes; mode++) {
                            vec br[9], bi[9];
                            for (int b = 0; b < ny; b++)
                                for (int v = 0; v < LANES; v++) {
                                    int64_t node = cells[9 * j.element[1 - way][v] + b];
                                    const double* value = values + 2 * ((k * n_nodes + node) * modes + mode);
                                    br[b][v] = value[0];
                                    bi[b][v] = value[1];
                                }
                            for (int p = 0; p < np; p++) {
                                vec re = {0}, im = {0};
                                for (int b = 0; b < ny; b++) {
                                    re += shape[b * BATCH + p] * br[b];
                                    im += shape[b * BATCH + p] * bi[b];
                                }
                                for (int i = 0; i < 3; i++) {
                                    vec ur = u[i * BATCH + p], ui = u[(3 + i) * BATCH + p];
                                    q[i * BATCH + p] = ur * re - ui * im;
                                    q[(3 + i) * BATCH + p] = ur * im + ui * re;
                                }
                            }
                            vec* sums = acc + ((way * nf + k) * modes + mode) * 54;
                            for (int a = 0; a < nx; a++) {
                                const vec* cc = x + (ROW_C + 3 * a) * BATCH;
                                vec s[6] = {{0}};
                                for (int p = 0; p < np; p++) {
                                    vec c0 = cc[p], c1 = cc[BATCH + p], c2 = cc[2 * BATCH + p];
                                    vec q0 = q[p], q1 = q[BATCH + p], q2 = q[2 * BATCH + p];
                                    vec q3 = q[3 * BATCH + p], q4 = q[4 * BATCH + p], q5 = q[5 * BATCH + p];
                                    s[0] += q1 * c2 - q2 * c1; s[1] += q4 * c2 - q5 * c1;
                                    s[2] += q2 * c0 - q0 * c2; s[3] += q5 * c0 - q3 * c2;
                                    s[4] += q0 * c1 - q1 * c0; s[5] += q3 * c1 - q4 * c0;
                                }
                                for (int i = 0; i < 6; i++) sums[6 * a + i] += s[i];
                            }
                        }
                    }
                }
            }
        }
        for (int v = 0; v < lanes; v++)
            for (int way = 0; way < (flags[c + v] & 4 ? 1 : 2); way++)
                for (int k = 0; k < nf; k++)
                    for (int a = 0; a < j.count[way]; a++) {
                        int64_t node = cells[9 * j.element[way][v] + a];
                        for (int64_t mode = 0; mode < modes; mode++)
                            for (int i = 0; i < 3; i++) {
                                const vec* from = acc + ((way * nf + k) * modes + mode) * 54 + 6 * a + 2 * i;
                                double* to = out + 2 * (((k * n_nodes + node) * 3 + i) * modes + mode);
                                to[0] += from[0][v];
                                to[1] += from[1][v];
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
#undef GONE
