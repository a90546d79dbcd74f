/* Interaction of two surface elements:  int int K(c_a, c_b, x - y) dS dS  for all pairs of their nodes a, b, with
 *
 *     K_kl = (2 - g) ca_l cb_k - ca_k cb_l + g [ d_kl ca.cb - (ca x r)_k (cb x r)_l ],   all over R,  g = 1/(1 - nu),
 *
 * c = J n x grad(phi) = phi_s x_t - phi_t x_s the surface curl of a shape function, R = |x - y|, r = (x - y)/R.
 *
 * Pair rules hold barycentric coordinates lf[3][n], ls[3][n] of the points in both triangles and weights w[n], n a
 * multiple of 8.  Blocks go to out[job][a][b][3 k + l].
 *
 * affine:  both triangles straight.  c_a = sum_m L_m E_am with constant E, so that a pair needs only the moments
 *          I_mn = int L_m L_n / R and J_mn = int L_m L_n d d^T / R^3: 63 sums a point.  Lanes run over pairs.
 * mixed:   the second triangle is straight: 27 x 21 sums a point.  general: 2 x 27 x 27.  Lanes run over points.
 * mixed_product, general_product: the rule has all pairs of some points of either, so that the inner integral is taken
 *          once for every point of the first element: 21 or 108 sums a pair of points, the rest once a point.  Pairs come
 *          in runs that share their first element; lanes run over the second ones.
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
#define BATCH 8 /* vectors of points taken at once in mixed and general */

/* Node functions from the barycentric ones: c_0 = (3 L0 - L1 - L2) t0, ..., c_3 = 4 (L0 t1 + L1 t0), ..., t2 = -t0 - t1. */
#define NODES(Z, TO) { \
    vec s0 = Z(0) + Z(2) + Z(4), s1 = Z(1) + Z(3) + Z(5); \
    vec n0 = 4.0 * Z(0) - s0, n1 = 4.0 * Z(3) - s1, n2 = s0 + s1 - 4.0 * (Z(4) + Z(5)); \
    vec n3 = 4.0 * (Z(1) + Z(2)), n4 = 4.0 * (Z(5) - Z(2) - Z(3)), n5 = 4.0 * (Z(4) - Z(0) - Z(1)); \
    TO(0) = n0; TO(1) = n1; TO(2) = n2; TO(3) = n3; TO(4) = n4; TO(5) = n5; }

static inline vec ISA_NAME(inverse_root)(vec x) {
    vec r;
    for (int v = 0; v < LANES; v++) r[v] = sqrt(x[v]);
    return 1.0 / r;
}

static inline double ISA_NAME(total)(vec x) {
    double sum = 0;
    for (int v = 0; v < LANES; v++) sum += x[v];
    return sum;
}

/* 1/R and d d^T/R^3 (xx, yy, zz, yz, xz, xy) times a weight. */
static inline void ISA_NAME(weighted)(const vec* d, double weight, vec* f) {
    vec ir = ISA_NAME(inverse_root)(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    vec i3 = ir * ir * ir * weight;
    vec d0 = d[0] * i3, d1 = d[1] * i3, d2 = d[2] * i3;
    f[0] = ir * weight;
    f[1] = d0 * d[0]; f[2] = d1 * d[1]; f[3] = d2 * d[2];
    f[4] = d1 * d[2]; f[5] = d0 * d[2]; f[6] = d0 * d[1];
}

/* Moments of LANES pairs of triangles with corners x, y: to[3 m + k] += int L_m L_k (1/R, d d^T/R^3). */
static inline void ISA_NAME(moments)(
    const vec (*x)[3], const vec (*y)[3], int64_t n, const double* restrict lf, const double* restrict ls,
    const double* restrict w, vec (*to)[7])
{
    for (int64_t p = 0; p < n; p++) {
        double a[3] = {lf[p], lf[n + p], lf[2 * n + p]}, b[3] = {ls[p], ls[n + p], ls[2 * n + p]};
        vec d[3];
        for (int i = 0; i < 3; i++)
            d[i] = x[0][i] * a[0] + x[1][i] * a[1] + x[2][i] * a[2] - y[0][i] * b[0] - y[1][i] * b[1] - y[2][i] * b[2];
        vec f[7];
        ISA_NAME(weighted)(d, w[p], f);
        for (int m = 0; m < 3; m++)
            for (int k = 0; k < 3; k++) {
                double l = a[m] * b[k];
                for (int j = 0; j < 7; j++) to[3 * m + k][j] += f[j] * l;
            }
    }
}

/* The same over a part of either triangle; c, d[k][m]: L_m of the triangle at corner k of its part. */
static inline void ISA_NAME(part_moments)(
    const vec (*x)[3], const vec (*y)[3], const vec (*c)[3], const vec (*d)[3], int64_t n, const double* restrict lf,
    const double* restrict ls, const double* restrict w, vec (*to)[7])
{
    for (int64_t p = 0; p < n; p++) {
        vec a[3], b[3], r[3];
        for (int m = 0; m < 3; m++) {
            a[m] = c[0][m] * lf[p] + c[1][m] * lf[n + p] + c[2][m] * lf[2 * n + p];
            b[m] = d[0][m] * ls[p] + d[1][m] * ls[n + p] + d[2][m] * ls[2 * n + p];
        }
        for (int i = 0; i < 3; i++)
            r[i] = x[0][i] * a[0] + x[1][i] * a[1] + x[2][i] * a[2] - y[0][i] * b[0] - y[1][i] * b[1] - y[2][i] * b[2];
        vec f[7];
        ISA_NAME(weighted)(r, w[p], f);
        for (int m = 0; m < 3; m++)
            for (int k = 0; k < 3; k++) {
                vec l = a[m] * b[k];
                for (int j = 0; j < 7; j++) to[3 * m + k][j] += f[j] * l;
            }
    }
}

/* nodes_e, nodes_f (jobs, 6): corners in the order of the rule, then the sides (01), (12), (20); sign: of the orientation.
part_e, part_f (jobs, 6): (s, t) of the corners of the part of either triangle that the rule is for, or NULL: all of them;
sign is then the share of both areas. */
static void ISA_NAME(affine)(
    const double* restrict points, const int64_t* restrict nodes_e, const int64_t* restrict nodes_f,
    const double* restrict sign, const double* restrict part_e, const double* restrict part_f, int64_t first, int64_t last,
    int64_t n, const double* restrict lf, const double* restrict ls, const double* restrict w, double g,
    double* restrict out)
{
    for (int64_t job0 = first; job0 < last; job0 += LANES) {
        int64_t lanes = last - job0 < LANES ? last - job0 : LANES;
        vec x[3][3], y[3][3], scale;
        for (int v = 0; v < LANES; v++) {
            int64_t job = job0 + (v < lanes ? v : 0);
            scale[v] = sign[job];
            for (int m = 0; m < 3; m++) {
                const double *p = points + 3 * nodes_e[6 * job + m], *q = points + 3 * nodes_f[6 * job + m];
                for (int i = 0; i < 3; i++) { x[m][i][v] = p[i]; y[m][i][v] = q[i]; }
            }
        }
        vec moment[9][7];
        for (int k = 0; k < 9; k++) for (int j = 0; j < 7; j++) moment[k][j] = (vec){0};
        if (part_e) {
            vec c[3][3], d[3][3];
            for (int v = 0; v < LANES; v++) {
                int64_t job = job0 + (v < lanes ? v : 0);
                for (int k = 0; k < 3; k++) {
                    double se = part_e[6 * job + 2 * k], te = part_e[6 * job + 2 * k + 1];
                    double sf = part_f[6 * job + 2 * k], tf = part_f[6 * job + 2 * k + 1];
                    c[k][0][v] = 1 - se - te; c[k][1][v] = se; c[k][2][v] = te;
                    d[k][0][v] = 1 - sf - tf; d[k][1][v] = sf; d[k][2][v] = tf;
                }
            }
            ISA_NAME(part_moments)(x, y, c, d, n, lf, ls, w, moment);
        } else {
            ISA_NAME(moments)(x, y, n, lf, ls, w, moment);
        }
        vec te[2][3], tf[2][3], s[4][9];
        for (int i = 0; i < 3; i++) {
            te[0][i] = x[1][i] - x[2][i]; te[1][i] = x[2][i] - x[0][i];
            tf[0][i] = (y[1][i] - y[2][i]) * scale; tf[1][i] = (y[2][i] - y[0][i]) * scale;
        }
        for (int k = 0; k < 2; k++)
            for (int l = 0; l < 2; l++) {
                vec dot = te[k][0] * tf[l][0] + te[k][1] * tf[l][1] + te[k][2] * tf[l][2];
                for (int i = 0; i < 3; i++)
                    for (int j = 0; j < 3; j++) {
                        vec value = te[k][j] * tf[l][i] * (2 - g) - te[k][i] * tf[l][j];
                        if (i == j) value += dot * g;
                        s[2 * k + l][3 * i + j] = value;
                    }
            }
        vec z[6][6][9]; /* [(m, k)][(n, l)], m, n barycentric, k, l edge vectors */
        for (int m = 0; m < 3; m++)
            for (int q = 0; q < 3; q++) {
                const vec* f = moment[3 * m + q];
                const vec jj[3][3] = {{f[1], f[6], f[5]}, {f[6], f[2], f[4]}, {f[5], f[4], f[3]}};
                for (int k = 0; k < 2; k++) {
                    vec cross[3][3]; /* te x (columns of J) */
                    for (int b = 0; b < 3; b++) {
                        cross[0][b] = te[k][1] * jj[2][b] - te[k][2] * jj[1][b];
                        cross[1][b] = te[k][2] * jj[0][b] - te[k][0] * jj[2][b];
                        cross[2][b] = te[k][0] * jj[1][b] - te[k][1] * jj[0][b];
                    }
                    for (int l = 0; l < 2; l++) {
                        vec* to = z[2 * m + k][2 * q + l];
                        const vec* base = s[2 * k + l];
                        for (int i = 0; i < 3; i++) {
                            to[3 * i] = base[3 * i] * f[0] - (tf[l][1] * cross[i][2] - tf[l][2] * cross[i][1]) * g;
                            to[3 * i + 1] = base[3 * i + 1] * f[0] - (tf[l][2] * cross[i][0] - tf[l][0] * cross[i][2]) * g;
                            to[3 * i + 2] = base[3 * i + 2] * f[0] - (tf[l][0] * cross[i][1] - tf[l][1] * cross[i][0]) * g;
                        }
                    }
                }
            }
        for (int b = 0; b < 6; b++)
            for (int i = 0; i < 9; i++) {
                #define AT(k) z[k][b][i]
                NODES(AT, AT)
                #undef AT
            }
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 9; i++) {
                #define AT(k) z[a][k][i]
                NODES(AT, AT)
                #undef AT
            }
        const vec* from = &z[0][0][0];
        for (int v = 0; v < lanes; v++) {
            double* to = out + 324 * (job0 - first + v);
            for (int i = 0; i < 324; i++) to[i] = from[i][v];
        }
    }
}

/* Position and curls of one element at LANES points (s, t). kind: 0 six-node, 1 nine-node, 2.. ring (bit 0, 1: sides on a mouth).
 * Of the ring only the nodes off the front count: the opening is 0 at the front. They are columns 2, 3, 5, 6, 7, 8. */
static inline void ISA_NAME(evaluate)(int kind, const vec* restrict at, vec s, vec t, vec* restrict x, vec* restrict c) {
    vec xs[3] = {{0}}, xt[3] = {{0}};
    for (int i = 0; i < 3; i++) x[i] = (vec){0};
    if (kind == 0) {
        vec r = 1.0 - s - t;
        vec value[6] = {r * (2.0 * r - 1.0), s * (2.0 * s - 1.0), t * (2.0 * t - 1.0), 4.0 * r * s, 4.0 * s * t, 4.0 * t * r};
        vec ds[6] = {1.0 - 4.0 * r, 4.0 * s - 1.0, {0}, 4.0 * (r - s), 4.0 * t, -4.0 * t};
        vec dt[6] = {1.0 - 4.0 * r, {0}, 4.0 * t - 1.0, -4.0 * s, 4.0 * s, 4.0 * (r - t)};
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 3; i++) {
                x[i] += value[a] * at[3 * a + i]; xs[i] += ds[a] * at[3 * a + i]; xt[i] += dt[a] * at[3 * a + i];
            }
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 3; i++) c[3 * a + i] = ds[a] * xt[i] - dt[a] * xs[i];
        return;
    }
    static const int row_s[9] = {0, 2, 2, 0, 1, 2, 1, 0, 1}, row_t[9] = {0, 0, 2, 2, 0, 1, 2, 1, 1};
    vec fs[3] = {(1.0 - s) * (1.0 - 2.0 * s), 4.0 * s * (1.0 - s), s * (2.0 * s - 1.0)};
    vec gs[3] = {4.0 * s - 3.0, 4.0 - 8.0 * s, 4.0 * s - 1.0};
    vec ft[2][3] = {{(1.0 - t) * (1.0 - 2.0 * t), 4.0 * t * (1.0 - t), t * (2.0 * t - 1.0)}};
    vec gt[2][3] = {{4.0 * t - 3.0, 4.0 - 8.0 * t, 4.0 * t - 1.0}};
    ft[1][1] = (t - t * t * t) * (8.0 / 3.0); ft[1][2] = (4.0 * t * t * t - t) * (1.0 / 3.0);
    ft[1][0] = 1.0 - ft[1][1] - ft[1][2];
    gt[1][1] = (1.0 - 3.0 * t * t) * (8.0 / 3.0); gt[1][2] = (12.0 * t * t - 1.0) * (1.0 / 3.0);
    gt[1][0] = -gt[1][1] - gt[1][2];
    int root[3] = {kind > 1 && !((kind - 2) & 1), kind > 1, kind > 1 && !((kind - 2) & 2)};
    for (int a = 0; a < 9; a++) {
        vec value = fs[row_s[a]] * ft[0][row_t[a]], ds = gs[row_s[a]] * ft[0][row_t[a]], dt = fs[row_s[a]] * gt[0][row_t[a]];
        for (int i = 0; i < 3; i++) {
            x[i] += value * at[3 * a + i]; xs[i] += ds * at[3 * a + i]; xt[i] += dt * at[3 * a + i];
        }
    }
    for (int a = 0, at_c = 0; a < 9; a++) {
        if (kind > 1 && row_t[a] == 0) continue;
        int own = root[row_s[a]];
        vec ds = gs[row_s[a]] * ft[own][row_t[a]], dt = fs[row_s[a]] * gt[own][row_t[a]];
        for (int i = 0; i < 3; i++) c[at_c++] = ds * xt[i] - dt * xs[i];
    }
}

/* x(s, t) - x(s2, t2) of one element, each product of the functions taken apart so that nothing cancels. */
static inline void ISA_NAME(difference)(int kind, const vec* restrict at, vec s, vec t, vec s2, vec t2, vec ds, vec dt, vec* restrict d) {
    for (int i = 0; i < 3; i++) d[i] = (vec){0};
    if (kind == 0) {
        vec r = 1.0 - s - t, r2 = 1.0 - s2 - t2, dr = -ds - dt;
        vec step[6] = {dr * (2.0 * (r + r2) - 1.0), ds * (2.0 * (s + s2) - 1.0), dt * (2.0 * (t + t2) - 1.0),
                       4.0 * (dr * s + r2 * ds), 4.0 * (ds * t + s2 * dt), 4.0 * (dt * r + t2 * dr)};
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 3; i++) d[i] += step[a] * at[3 * a + i];
        return;
    }
    static const int row_s[9] = {0, 2, 2, 0, 1, 2, 1, 0, 1}, row_t[9] = {0, 0, 2, 2, 0, 1, 2, 1, 1};
    vec ft[3] = {(1.0 - t) * (1.0 - 2.0 * t), 4.0 * t * (1.0 - t), t * (2.0 * t - 1.0)};
    vec fs2[3] = {(1.0 - s2) * (1.0 - 2.0 * s2), 4.0 * s2 * (1.0 - s2), s2 * (2.0 * s2 - 1.0)};
    vec us = s + s2, ut = t + t2;
    vec gs[3] = {ds * (2.0 * us - 3.0), ds * 4.0 * (1.0 - us), ds * (2.0 * us - 1.0)};
    vec gt[3] = {dt * (2.0 * ut - 3.0), dt * 4.0 * (1.0 - ut), dt * (2.0 * ut - 1.0)};
    for (int a = 0; a < 9; a++) {
        vec step = gs[row_s[a]] * ft[row_t[a]] + fs2[row_s[a]] * gt[row_t[a]];
        for (int i = 0; i < 3; i++) d[i] += step * at[3 * a + i];
    }
}

static inline void ISA_NAME(reference)(const double* corner, vec l0, vec l1, vec l2, vec* s, vec* t) {
    *s = l0 * corner[0] + l1 * corner[2] + l2 * corner[4];
    *t = l0 * corner[1] + l1 * corner[3] + l2 * corner[5];
}

/* Nodes of an element in all lanes. */
static inline void ISA_NAME(gather)(const double* points, const int64_t* cell, int nodes, vec* at) {
    for (int a = 0; a < nodes; a++)
        for (int i = 0; i < 3; i++) at[3 * a + i] = (vec){0} + points[3 * cell[a] + i];
}

/* Nodes of as many elements, one in every lane; `step` entries from one element's nodes to the next's. */
static inline void ISA_NAME(gather_lanes)(const double* points, const int64_t* cell, int64_t step, int lanes, int nodes, vec* at) {
    for (int i = 0; i < 3 * nodes; i++) at[i] = (vec){0};
    for (int v = 0; v < LANES; v++) {
        const int64_t* own = cell + step * (v < lanes ? v : 0);
        for (int a = 0; a < nodes; a++)
            for (int i = 0; i < 3; i++) at[3 * a + i][v] = points[3 * own[a] + i];
    }
}

/* Positions x (n, 3) and curls times weight c (n, 27) of one element at n points (s, t), n a multiple of 8. */
static inline void ISA_NAME(tabulate)(
    const double* points, const int64_t* cell, int kind, int64_t n, const double* restrict s, const double* restrict t,
    const double* restrict w, double* restrict x, double* restrict c)
{
    vec at[27], position[3], curl[27];
    int curls = kind == 1 ? 27 : 18;
    ISA_NAME(gather)(points, cell, kind == 0 ? 6 : 9, at);
    for (int64_t p = 0; p < n; p += LANES) {
        ISA_NAME(evaluate)(kind, at, *(const vec*)(s + p), *(const vec*)(t + p), position, curl);
        for (int v = 0; v < LANES; v++) {
            for (int i = 0; i < 3; i++) x[3 * (p + v) + i] = position[i][v];
            for (int i = 0; i < curls; i++) c[27 * (p + v) + i] = curl[i][v] * w[p + v];
        }
    }
}

/* sum over points of a_i b_j, three by three: acc (ni, nj), a (ni, BATCH), b (nj, BATCH), ni and nj multiples of 3 */
static inline void ISA_NAME(accumulate)(vec* restrict acc, const vec* restrict a, const vec* restrict b, int ni, int nj, int np) {
    for (int i = 0; i < ni; i += 3)
        for (int j = 0; j < nj; j += 3) {
            vec* to = acc + i * nj + j;
            const vec *a0 = a + i * BATCH, *a1 = a0 + BATCH, *a2 = a1 + BATCH;
            const vec *b0 = b + j * BATCH, *b1 = b0 + BATCH, *b2 = b1 + BATCH;
            vec c00 = to[0], c01 = to[1], c02 = to[2], c10 = to[nj], c11 = to[nj + 1], c12 = to[nj + 2];
            vec c20 = to[2 * nj], c21 = to[2 * nj + 1], c22 = to[2 * nj + 2];
            for (int p = 0; p < np; p++) {
                vec u0 = a0[p], u1 = a1[p], u2 = a2[p], v0 = b0[p], v1 = b1[p], v2 = b2[p];
                c00 += u0 * v0; c01 += u0 * v1; c02 += u0 * v2;
                c10 += u1 * v0; c11 += u1 * v1; c12 += u1 * v2;
                c20 += u2 * v0; c21 += u2 * v1; c22 += u2 * v2;
            }
            to[0] = c00; to[1] = c01; to[2] = c02; to[nj] = c10; to[nj + 1] = c11; to[nj + 2] = c12;
            to[2 * nj] = c20; to[2 * nj + 1] = c21; to[2 * nj + 2] = c22;
        }
}

/* Six blocks of one node of the first element with a straight triangle.  h (3, 21): int c (1/R, d d^T/R^3) L_m of that node's c;
 * t: curls of the first two barycentric functions. */
static inline void ISA_NAME(mixed_blocks)(const vec* h, const vec (*t)[3], double g, vec* blocks) {
    static const int voigt[3][3] = {{3, 18, 15}, {18, 6, 12}, {15, 12, 9}};
    vec z[6][9]; /* [(m, k)] */
    for (int m = 0; m < 3; m++) {
        const vec *h0 = h + m, *h1 = h0 + 21, *h2 = h1 + 21;
        vec one[3] = {h0[0], h1[0], h2[0]}, cross[3][3];
        for (int q = 0; q < 3; q++) { /* (c x d) d_q / R^3 */
            cross[0][q] = h1[voigt[2][q]] - h2[voigt[1][q]];
            cross[1][q] = h2[voigt[0][q]] - h0[voigt[2][q]];
            cross[2][q] = h0[voigt[1][q]] - h1[voigt[0][q]];
        }
        for (int k = 0; k < 2; k++) {
            vec* zz = z[2 * m + k];
            vec dot = one[0] * t[k][0] + one[1] * t[k][1] + one[2] * t[k][2];
            for (int i = 0; i < 3; i++) {
                vec two[3] = {t[k][1] * cross[i][2] - t[k][2] * cross[i][1], t[k][2] * cross[i][0] - t[k][0] * cross[i][2],
                              t[k][0] * cross[i][1] - t[k][1] * cross[i][0]};
                for (int j = 0; j < 3; j++) {
                    zz[3 * i + j] = (2 - g) * one[j] * t[k][i] - one[i] * t[k][j] - g * two[j];
                    if (i == j) zz[3 * i + j] += g * dot;
                }
            }
        }
    }
    for (int i = 0; i < 9; i++) {
        #define AT(k) z[k][i]
        #define TO(k) blocks[9 * (k) + i]
        NODES(AT, TO)
        #undef AT
        #undef TO
    }
}

/* cells (jobs, 9), kind (jobs): first element;  corner_e (jobs, 6): its triangle's corners (s, t) in the rule's order;
 * nodes_f (jobs, 6): straight triangle in the rule's order.  room: 27*21 + 48*BATCH vectors */
static void ISA_NAME(mixed)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const double* restrict corner_e,
    const int64_t* restrict nodes_f, const double* restrict sign, int64_t first, int64_t last, int64_t n,
    const double* restrict lf, const double* restrict ls, const double* restrict w, double g, double* restrict out,
    double* restrict room)
{
    vec* restrict acc = (vec*)room;
    vec* restrict a = acc + 27 * 21;
    vec* restrict b = a + 27 * BATCH;
    for (int64_t job = first; job < last; job++) {
        int ne = kind[job] == 1 ? 9 : 6;
        vec at[27];
        double y[3][3];
        ISA_NAME(gather)(points, cells + 9 * job, kind[job] == 0 ? 6 : 9, at);
        for (int m = 0; m < 3; m++) for (int i = 0; i < 3; i++) y[m][i] = points[3 * nodes_f[6 * job + m] + i];
        for (int i = 0; i < 3 * ne * 21; i++) acc[i] = (vec){0};
        for (int64_t p0 = 0; p0 < n; p0 += BATCH * LANES) {
            int np = (n - p0) / LANES < BATCH ? (int)((n - p0) / LANES) : BATCH;
            for (int p = 0; p < np; p++) {
                int64_t q = p0 + p * LANES;
                vec s, t, x[3], c[27], d[3];
                vec b0 = *(const vec*)(ls + q), b1 = *(const vec*)(ls + n + q), b2 = *(const vec*)(ls + 2 * n + q);
                ISA_NAME(reference)(corner_e + 6 * job, *(const vec*)(lf + q), *(const vec*)(lf + n + q), *(const vec*)(lf + 2 * n + q), &s, &t);
                ISA_NAME(evaluate)((int)kind[job], at, s, t, x, c);
                for (int i = 0; i < 3; i++) d[i] = x[i] - b0 * y[0][i] - b1 * y[1][i] - b2 * y[2][i];
                vec ir = ISA_NAME(inverse_root)(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
                vec weight = *(const vec*)(w + q), i3 = ir * ir * ir;
                vec d0 = d[0] * i3, d1 = d[1] * i3, d2 = d[2] * i3;
                vec f[7] = {ir, d0 * d[0], d1 * d[1], d2 * d[2], d1 * d[2], d0 * d[2], d0 * d[1]};
                for (int i = 0; i < 3 * ne; i++) a[i * BATCH + p] = c[i] * weight;
                for (int j = 0; j < 7; j++) {
                    b[(3 * j) * BATCH + p] = f[j] * b0; b[(3 * j + 1) * BATCH + p] = f[j] * b1; b[(3 * j + 2) * BATCH + p] = f[j] * b2;
                }
            }
            ISA_NAME(accumulate)(acc, a, b, 3 * ne, 21, np);
        }
        vec t[2][3];
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < 3; i++) t[k][i] = (vec){0} + (y[k + 1][i] - y[(k + 2) % 3][i]) * sign[job];
        double* to = out + 486 * (job - first);
        for (int na = 0; na < ne; na++) {
            vec h[63], blocks[54];
            for (int i = 0; i < 63; i++) h[i] = (vec){0} + ISA_NAME(total)(acc[63 * na + i]);
            ISA_NAME(mixed_blocks)(h, (const vec (*)[3])t, g, blocks);
            for (int i = 0; i < 54; i++) to[54 * na + i] = blocks[i][0];
        }
    }
}

/* A run of pairs of one element, cells (runs, 9), with straight triangles, nodes_f (begin[0] .. begin[runs], 6).
 * e: points (s, t) and weights (3, n_e), f: barycentric coordinates and weights (4, n_f); n_all: points of e, n_e of them padded
 * to a multiple of 8.  out (jobs from begin[run] on, 486); room: 21 n_all + 3 n_f + 4 n_e vectors */
static void ISA_NAME(mixed_product)(
    const double* restrict points, const int64_t* restrict cells, const int64_t* restrict kind, const int64_t* restrict begin,
    const int64_t* restrict nodes_f, int64_t run, int64_t n_all, int64_t n_e, const double* restrict e,
    int64_t n_f, const double* restrict f, double g, double* restrict out, double* restrict room)
{
    vec* restrict moment = (vec*)room;
    vec* restrict y = moment + 21 * n_all;
    double* restrict x = (double*)(y + 3 * n_f);
    double* restrict c = x + 3 * n_e;
    int ne = kind[run] == 1 ? 9 : 6;
    ISA_NAME(tabulate)(points, cells + 9 * run, (int)kind[run], n_e, e, e + n_e, e + 2 * n_e, x, c);
    for (int64_t job0 = begin[run]; job0 < begin[run + 1]; job0 += LANES) {
        int lanes = begin[run + 1] - job0 < LANES ? (int)(begin[run + 1] - job0) : LANES;
        vec corner[9], t[2][3];
        ISA_NAME(gather_lanes)(points, nodes_f + 6 * job0, 6, lanes, 3, corner);
        for (int i = 0; i < 3; i++) { t[0][i] = corner[3 + i] - corner[6 + i]; t[1][i] = corner[6 + i] - corner[i]; }
        for (int64_t q = 0; q < n_f; q++)
            for (int i = 0; i < 3; i++)
                y[3 * q + i] = corner[i] * f[q] + corner[3 + i] * f[n_f + q] + corner[6 + i] * f[2 * n_f + q];
        for (int64_t p = 0; p < n_all; p++) {
            vec sum[21];
            for (int i = 0; i < 21; i++) sum[i] = (vec){0};
            for (int64_t q = 0; q < n_f; q++) {
                vec d[3] = {x[3 * p] - y[3 * q], x[3 * p + 1] - y[3 * q + 1], x[3 * p + 2] - y[3 * q + 2]}, at[7];
                ISA_NAME(weighted)(d, f[3 * n_f + q], at);
                for (int m = 0; m < 3; m++)
                    for (int j = 0; j < 7; j++) sum[3 * j + m] += at[j] * f[m * n_f + q];
            }
            for (int i = 0; i < 21; i++) moment[21 * p + i] = sum[i];
        }
        for (int na = 0; na < ne; na++) {
            vec h[63], blocks[54];
            for (int k = 0; k < 21; k += 3) {
                vec h00 = {0}, h01 = {0}, h02 = {0}, h10 = {0}, h11 = {0}, h12 = {0}, h20 = {0}, h21 = {0}, h22 = {0};
                for (int64_t p = 0; p < n_all; p++) {
                    const vec* by = moment + 21 * p + k;
                    double c0 = c[27 * p + 3 * na], c1 = c[27 * p + 3 * na + 1], c2 = c[27 * p + 3 * na + 2];
                    h00 += c0 * by[0]; h01 += c0 * by[1]; h02 += c0 * by[2];
                    h10 += c1 * by[0]; h11 += c1 * by[1]; h12 += c1 * by[2];
                    h20 += c2 * by[0]; h21 += c2 * by[1]; h22 += c2 * by[2];
                }
                h[k] = h00; h[k + 1] = h01; h[k + 2] = h02;
                h[21 + k] = h10; h[22 + k] = h11; h[23 + k] = h12;
                h[42 + k] = h20; h[43 + k] = h21; h[44 + k] = h22;
            }
            ISA_NAME(mixed_blocks)(h, (const vec (*)[3])t, g, blocks);
            for (int v = 0; v < lanes; v++) {
                double* to = out + 486 * (job0 - begin[run] + v) + 54 * na;
                for (int i = 0; i < 54; i++) to[i] = blocks[i][v];
            }
        }
    }
}

/* The block of two nodes from int ca cb^T / R and int (ca x r) (cb x r)^T / R. */
static inline void ISA_NAME(general_block)(const vec* one, const vec* two, double g, vec* to) {
    vec trace = one[0] + one[4] + one[8];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            to[3 * i + j] = (2 - g) * one[3 * j + i] - one[3 * i + j] - g * two[3 * i + j];
            if (i == j) to[3 * i + j] += g * trace;
        }
}

/* room: 2*27*27 + 4*27*BATCH vectors */
static void ISA_NAME(general)(
    const double* restrict points, const int64_t* restrict cells_e, const int64_t* restrict kind_e, const double* restrict corner_e,
    const int64_t* restrict cells_f, const int64_t* restrict kind_f, const double* restrict corner_f, int64_t first, int64_t last,
    int64_t n, const double* restrict lf, const double* restrict ls, const double* restrict ld, const double* restrict w,
    const double* restrict scale, const int8_t* restrict same, double g, double* restrict out, double* restrict room)
{
    vec* restrict m1 = (vec*)room;
    vec* restrict m2 = m1 + 27 * 27;
    vec* restrict a = m2 + 27 * 27;
    vec* restrict pa = a + 27 * BATCH;
    vec* restrict b = pa + 27 * BATCH;
    vec* restrict pb = b + 27 * BATCH;
    for (int64_t job = first; job < last; job++) {
        int ne = kind_e[job] == 1 ? 9 : 6, nf = kind_f[job] == 1 ? 9 : 6;
        vec at[27], to_f[27];
        ISA_NAME(gather)(points, cells_e + 9 * job, kind_e[job] == 0 ? 6 : 9, at);
        ISA_NAME(gather)(points, cells_f + 9 * job, kind_f[job] == 0 ? 6 : 9, to_f);
        for (int i = 0; i < 9 * ne * nf; i++) m1[i] = m2[i] = (vec){0};
        for (int64_t p0 = 0; p0 < n; p0 += BATCH * LANES) {
            int np = (n - p0) / LANES < BATCH ? (int)((n - p0) / LANES) : BATCH;
            for (int p = 0; p < np; p++) {
                int64_t q = p0 + p * LANES;
                vec s, t, x[3], y[3], c[27], e[27], d[3], s2, t2;
                ISA_NAME(reference)(corner_e + 6 * job, *(const vec*)(lf + q), *(const vec*)(lf + n + q), *(const vec*)(lf + 2 * n + q), &s, &t);
                ISA_NAME(evaluate)((int)kind_e[job], at, s, t, x, c);
                ISA_NAME(reference)(corner_f + 6 * job, *(const vec*)(ls + q), *(const vec*)(ls + n + q), *(const vec*)(ls + 2 * n + q), &s2, &t2);
                ISA_NAME(evaluate)((int)kind_f[job], to_f, s2, t2, y, e);
                if (same[job]) { /* points of one element come as close as 1e-10 of it: no difference of positions */
                    const double *pe = corner_e + 6 * job, *pf = corner_f + 6 * job;
                    vec ds = {0}, dt = {0};
                    for (int k = 0; k < 3; k++) {
                        ds += *(const vec*)(ld + k * n + q) * pe[2 * k] + *(const vec*)(ls + k * n + q) * (pe[2 * k] - pf[2 * k]);
                        dt += *(const vec*)(ld + k * n + q) * pe[2 * k + 1] + *(const vec*)(ls + k * n + q) * (pe[2 * k + 1] - pf[2 * k + 1]);
                    }
                    ISA_NAME(difference)((int)kind_e[job], at, s, t, s2, t2, ds, dt, d);
                } else
                    for (int i = 0; i < 3; i++) d[i] = x[i] - y[i];
                vec ir = ISA_NAME(inverse_root)(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
                for (int i = 0; i < 3; i++) d[i] *= ir;
                ir *= *(const vec*)(w + q) * scale[job];
                for (int k = 0; k < ne; k++) {
                    vec u = c[3 * k] * ir, v = c[3 * k + 1] * ir, z = c[3 * k + 2] * ir;
                    a[(3 * k) * BATCH + p] = u; a[(3 * k + 1) * BATCH + p] = v; a[(3 * k + 2) * BATCH + p] = z;
                    pa[(3 * k) * BATCH + p] = v * d[2] - z * d[1]; pa[(3 * k + 1) * BATCH + p] = z * d[0] - u * d[2];
                    pa[(3 * k + 2) * BATCH + p] = u * d[1] - v * d[0];
                }
                for (int k = 0; k < nf; k++) {
                    vec u = e[3 * k], v = e[3 * k + 1], z = e[3 * k + 2];
                    b[(3 * k) * BATCH + p] = u; b[(3 * k + 1) * BATCH + p] = v; b[(3 * k + 2) * BATCH + p] = z;
                    pb[(3 * k) * BATCH + p] = v * d[2] - z * d[1]; pb[(3 * k + 1) * BATCH + p] = z * d[0] - u * d[2];
                    pb[(3 * k + 2) * BATCH + p] = u * d[1] - v * d[0];
                }
            }
            ISA_NAME(accumulate)(m1, a, b, 3 * ne, 3 * nf, np);
            ISA_NAME(accumulate)(m2, pa, pb, 3 * ne, 3 * nf, np);
        }
        for (int ka = 0; ka < ne; ka++)
            for (int kb = 0; kb < nf; kb++) {
                vec one[9], two[9], block[9];
                double* to = out + 729 * (job - first) + 9 * (ka * nf + kb);
                for (int i = 0; i < 9; i++) {
                    int64_t at_ij = (3 * ka + i / 3) * 3 * nf + 3 * kb + i % 3;
                    one[i] = (vec){0} + ISA_NAME(total)(m1[at_ij]);
                    two[i] = (vec){0} + ISA_NAME(total)(m2[at_ij]);
                }
                ISA_NAME(general_block)(one, two, g, block);
                for (int i = 0; i < 9; i++) to[i] = block[i][0];
            }
    }
}

/* A run of pairs of one element, cells_e (runs, 9), with others of one kind, cells_f (begin[0] .. begin[runs], 9).
 * e, f: points (s, t) and weights (3, n), of e padded to a multiple of 8 from n_all on.  out (jobs from begin[run] on, 729);
 * room: 108 n_all + 30 n_f + 4 n_e vectors */
static void ISA_NAME(general_product)(
    const double* restrict points, const int64_t* restrict cells_e, const int64_t* restrict kind_e, const int64_t* restrict begin,
    const int64_t* restrict cells_f, int kind_f, int64_t run, int64_t n_all, int64_t n_e, const double* restrict e,
    int64_t n_f, const double* restrict f, double g, double* restrict out, double* restrict room)
{
    vec* restrict inner = (vec*)room;
    vec* restrict y = inner + 108 * n_all;
    vec* restrict cf = y + 3 * n_f;
    double* restrict x = (double*)(cf + 27 * n_f);
    double* restrict c = x + 3 * n_e;
    int nf = kind_f == 1 ? 9 : 6;
    int ne = kind_e[run] == 1 ? 9 : 6;
    ISA_NAME(tabulate)(points, cells_e + 9 * run, (int)kind_e[run], n_e, e, e + n_e, e + 2 * n_e, x, c);
    for (int64_t job0 = begin[run]; job0 < begin[run + 1]; job0 += LANES) {
        int lanes = begin[run + 1] - job0 < LANES ? (int)(begin[run + 1] - job0) : LANES;
        vec at[27];
        ISA_NAME(gather_lanes)(points, cells_f + 9 * job0, 9, lanes, kind_f == 0 ? 6 : 9, at);
        for (int64_t q = 0; q < n_f; q++) {
            ISA_NAME(evaluate)(kind_f, at, (vec){0} + f[q], (vec){0} + f[n_f + q], y + 3 * q, cf + 27 * q);
            for (int i = 0; i < 3 * nf; i++) cf[27 * q + i] *= f[2 * n_f + q];
        }
        for (int64_t p = 0; p < n_all; p++) { /* int c_b / R (3) and r (c_b x r) / R (3, 3) */
            vec* own = inner + 108 * p;
            for (int i = 0; i < 12 * nf; i++) own[i] = (vec){0};
            for (int64_t q = 0; q < n_f; q++) {
                vec r[3] = {x[3 * p] - y[3 * q], x[3 * p + 1] - y[3 * q + 1], x[3 * p + 2] - y[3 * q + 2]};
                vec ir = ISA_NAME(inverse_root)(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
                for (int i = 0; i < 3; i++) r[i] *= ir;
                for (int k = 0; k < nf; k++) {
                    vec u = cf[27 * q + 3 * k] * ir, v = cf[27 * q + 3 * k + 1] * ir, z = cf[27 * q + 3 * k + 2] * ir;
                    vec* to = own + 12 * k;
                    vec cross[3] = {v * r[2] - z * r[1], z * r[0] - u * r[2], u * r[1] - v * r[0]};
                    to[0] += u; to[1] += v; to[2] += z;
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++) to[3 + 3 * i + j] += r[i] * cross[j];
                }
            }
        }
        for (int ka = 0; ka < ne; ka++)
            for (int kb = 0; kb < nf; kb++) {
                vec one[9], two[9], block[9];
                for (int i = 0; i < 9; i++) one[i] = two[i] = (vec){0};
                for (int64_t p = 0; p < n_all; p++) {
                    const vec* own = inner + 108 * p + 12 * kb;
                    const double* ca = c + 27 * p + 3 * ka;
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++) {
                            one[3 * i + j] += ca[i] * own[j];
                            two[3 * i + j] += ca[(i + 1) % 3] * own[3 + 3 * ((i + 2) % 3) + j];
                            two[3 * i + j] -= ca[(i + 2) % 3] * own[3 + 3 * ((i + 1) % 3) + j];
                        }
                }
                ISA_NAME(general_block)(one, two, g, block);
                for (int v = 0; v < lanes; v++) {
                    double* to = out + 729 * (job0 - begin[run] + v) + 9 * (ka * nf + kb);
                    for (int i = 0; i < 9; i++) to[i] = block[i][v];
                }
            }
    }
}
#undef NODES
#undef BATCH
