/* Isotropic linear elasticity: element matrices into a 3x3-block CSR matrix, and its action on many vectors.
 *
 * nodes   (n_cells, nn)  unknowns and geometry;  fields (n_cells, nn)  rows of the Lame fields
 * shape   (nq, nn), dshape (nq, nn, 3), weight (nq)   reference element
 * room    working memory
 * Both return the smallest Jacobian determinant met, for the caller to judge.
 */

#undef LANES
#undef vec
/* GCC says which registers the clone has; Clang does not, and cuts wide vectors well by itself. */
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

/* room: 3nn + 2nn + 3*3*nn*nq + 9*nn*(nn+1)/2 vectors */
static double ISA_NAME(stiffness)(
    const double* restrict points, const int64_t* restrict nodes, const int64_t* restrict fields,
    const int64_t* restrict slots, int64_t nn, int64_t nq, const double* restrict shape,
    const double* restrict dshape, const double* restrict weight, const double* restrict lambda,
    const double* restrict mu, int64_t first, int64_t last, double* restrict values, double* restrict room)
{
    vec* restrict x = (vec*)room;
    vec* restrict el = x + 3 * nn;
    vec* restrict em = el + nn;
    vec* restrict g = em + nn;           /* [nn][nq][3] gradients */
    vec* restrict gl = g + 3 * nn * nq;  /* times weight, determinant, lambda */
    vec* restrict gm = gl + 3 * nn * nq; /* times weight, determinant, mu */
    vec* restrict k = gm + 3 * nn * nq;  /* [pair][9] */
    double worst = 1e300;
    for (int64_t c = first; c < last; c += LANES) {
        int64_t lanes = last - c < LANES ? last - c : LANES;
        for (int64_t a = 0; a < nn; a++)
            for (int64_t v = 0; v < LANES; v++) {
                int64_t cell = c + (v < lanes ? v : 0), node = nodes[cell * nn + a], field = fields[cell * nn + a];
                for (int i = 0; i < 3; i++) x[3 * a + i][v] = points[3 * node + i];
                el[a][v] = lambda[field];
                em[a][v] = mu[field];
            }
        for (int64_t q = 0; q < nq; q++) {
            const double* d = dshape + 3 * nn * q;
            vec j00 = {0}, j01 = {0}, j02 = {0}, j10 = {0}, j11 = {0}, j12 = {0}, j20 = {0}, j21 = {0}, j22 = {0};
            vec ql = {0}, qm = {0};
            for (int64_t a = 0; a < nn; a++) {
                j00 += x[3 * a] * d[3 * a]; j01 += x[3 * a] * d[3 * a + 1]; j02 += x[3 * a] * d[3 * a + 2];
                j10 += x[3 * a + 1] * d[3 * a]; j11 += x[3 * a + 1] * d[3 * a + 1]; j12 += x[3 * a + 1] * d[3 * a + 2];
                j20 += x[3 * a + 2] * d[3 * a]; j21 += x[3 * a + 2] * d[3 * a + 1]; j22 += x[3 * a + 2] * d[3 * a + 2];
                ql += el[a] * shape[q * nn + a];
                qm += em[a] * shape[q * nn + a];
            }
            vec c00 = j11 * j22 - j12 * j21, c01 = j12 * j20 - j10 * j22, c02 = j10 * j21 - j11 * j20;
            vec det = j00 * c00 + j01 * c01 + j02 * c02;
            for (int64_t v = 0; v < lanes; v++)
                if (!(det[v] >= worst)) worst = det[v];
            vec r = 1.0 / det;
            vec i00 = c00 * r, i10 = c01 * r, i20 = c02 * r;
            vec i01 = (j02 * j21 - j01 * j22) * r, i11 = (j00 * j22 - j02 * j20) * r, i21 = (j01 * j20 - j00 * j21) * r;
            vec i02 = (j01 * j12 - j02 * j11) * r, i12 = (j02 * j10 - j00 * j12) * r, i22 = (j00 * j11 - j01 * j10) * r;
            ql *= det * weight[q];
            qm *= det * weight[q];
            for (int64_t a = 0; a < nn; a++) {
                vec g0 = i00 * d[3 * a] + i10 * d[3 * a + 1] + i20 * d[3 * a + 2];
                vec g1 = i01 * d[3 * a] + i11 * d[3 * a + 1] + i21 * d[3 * a + 2];
                vec g2 = i02 * d[3 * a] + i12 * d[3 * a + 1] + i22 * d[3 * a + 2];
                int64_t at = 3 * (a * nq + q);
                g[at] = g0; g[at + 1] = g1; g[at + 2] = g2;
                gl[at] = g0 * ql; gl[at + 1] = g1 * ql; gl[at + 2] = g2 * ql;
                gm[at] = g0 * qm; gm[at + 1] = g1 * qm; gm[at + 2] = g2 * qm;
            }
        }
        /* K_ab,ij = int lambda d_i N_a d_j N_b + mu d_j N_a d_i N_b + delta_ij mu grad N_a . grad N_b */
        vec* out = k;
        for (int64_t a = 0; a < nn; a++)
            for (int64_t b = a; b < nn; b++, out += 9) {
                vec l00 = {0}, l01 = {0}, l02 = {0}, l10 = {0}, l11 = {0}, l12 = {0}, l20 = {0}, l21 = {0}, l22 = {0};
                vec m00 = {0}, m01 = {0}, m02 = {0}, m10 = {0}, m11 = {0}, m12 = {0}, m20 = {0}, m21 = {0}, m22 = {0};
                const vec *pl = gl + 3 * a * nq, *pm = gm + 3 * a * nq, *pb = g + 3 * b * nq;
                for (int64_t q = 0; q < nq; q++, pl += 3, pm += 3, pb += 3) {
                    vec b0 = pb[0], b1 = pb[1], b2 = pb[2];
                    vec a0 = pl[0], a1 = pl[1], a2 = pl[2];
                    l00 += a0 * b0; l01 += a0 * b1; l02 += a0 * b2;
                    l10 += a1 * b0; l11 += a1 * b1; l12 += a1 * b2;
                    l20 += a2 * b0; l21 += a2 * b1; l22 += a2 * b2;
                    a0 = pm[0]; a1 = pm[1]; a2 = pm[2];
                    m00 += a0 * b0; m01 += a0 * b1; m02 += a0 * b2;
                    m10 += a1 * b0; m11 += a1 * b1; m12 += a1 * b2;
                    m20 += a2 * b0; m21 += a2 * b1; m22 += a2 * b2;
                }
                vec trace = m00 + m11 + m22;
                out[0] = l00 + m00 + trace; out[1] = l01 + m10; out[2] = l02 + m20;
                out[3] = l10 + m01; out[4] = l11 + m11 + trace; out[5] = l12 + m21;
                out[6] = l20 + m02; out[7] = l21 + m12; out[8] = l22 + m22 + trace;
            }
        for (int64_t v = 0; v < lanes; v++) {
            const int64_t* slot = slots + (c + v) * nn * nn;
            const vec* in = k;
            for (int64_t a = 0; a < nn; a++)
                for (int64_t b = a; b < nn; b++, in += 9) {
                    double* to = values + 9 * slot[a * nn + b];
                    for (int i = 0; i < 9; i++) to[i] += in[i][v];
                    if (b == a) continue;
                    to = values + 9 * slot[b * nn + a];
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++) to[3 * i + j] += in[3 * j + i][v];
                }
        }
    }
    return worst;
}

/* y += K(lambda, mu) u for many vectors, each with its own Lame fields: lanes run over the vectors.
 * u, y (n_nodes, 3, width), lambda, mu (n_fields, width), width a multiple of 8.
 * room: 8nn vectors and 3*nn*nq + nq doubles */
static double ISA_NAME(apply)(
    const double* restrict points, const int64_t* restrict nodes, const int64_t* restrict fields, int64_t nn, int64_t nq,
    const double* restrict shape, const double* restrict dshape, const double* restrict weight,
    const double* restrict lambda, const double* restrict mu, const double* restrict u, int64_t width, int64_t first,
    int64_t last, double* restrict y, double* restrict room)
{
    vec* restrict ue = (vec*)room;
    vec* restrict el = ue + 3 * nn;
    vec* restrict em = el + nn;
    vec* restrict ye = em + nn;
    double* restrict g = (double*)(ye + 3 * nn); /* [nq][nn][3] */
    double* restrict wd = g + 3 * nn * nq;
    double worst = 1e300;
    for (int64_t c = first; c < last; c++) {
        const int64_t* node = nodes + c * nn;
        const int64_t* field = fields + c * nn;
        for (int64_t q = 0; q < nq; q++) {
            const double* d = dshape + 3 * nn * q;
            double j[9] = {0};
            for (int64_t a = 0; a < nn; a++)
                for (int i = 0; i < 3; i++)
                    for (int s = 0; s < 3; s++) j[3 * i + s] += points[3 * node[a] + i] * d[3 * a + s];
            double c00 = j[4] * j[8] - j[5] * j[7], c01 = j[5] * j[6] - j[3] * j[8], c02 = j[3] * j[7] - j[4] * j[6];
            double det = j[0] * c00 + j[1] * c01 + j[2] * c02, r = 1.0 / det;
            if (!(det >= worst)) worst = det;
            double inv[9] = {
                c00 * r, (j[2] * j[7] - j[1] * j[8]) * r, (j[1] * j[5] - j[2] * j[4]) * r,
                c01 * r, (j[0] * j[8] - j[2] * j[6]) * r, (j[2] * j[3] - j[0] * j[5]) * r,
                c02 * r, (j[1] * j[6] - j[0] * j[7]) * r, (j[0] * j[4] - j[1] * j[3]) * r};
            for (int64_t a = 0; a < nn; a++)
                for (int i = 0; i < 3; i++)
                    g[3 * (q * nn + a) + i] = d[3 * a] * inv[i] + d[3 * a + 1] * inv[3 + i] + d[3 * a + 2] * inv[6 + i];
            wd[q] = det * weight[q];
        }
        for (int64_t at = 0; at < width; at += LANES) {
            for (int64_t a = 0; a < nn; a++) {
                for (int i = 0; i < 3; i++) {
                    ue[3 * a + i] = *(const vec*)(u + (3 * node[a] + i) * width + at);
                    ye[3 * a + i] = (vec){0};
                }
                el[a] = *(const vec*)(lambda + field[a] * width + at);
                em[a] = *(const vec*)(mu + field[a] * width + at);
            }
            for (int64_t q = 0; q < nq; q++) {
                const double* ga = g + 3 * q * nn;
                vec h00 = {0}, h01 = {0}, h02 = {0}, h10 = {0}, h11 = {0}, h12 = {0}, h20 = {0}, h21 = {0}, h22 = {0};
                vec ql = {0}, qm = {0};
                for (int64_t a = 0; a < nn; a++) {
                    double g0 = ga[3 * a], g1 = ga[3 * a + 1], g2 = ga[3 * a + 2], s = shape[q * nn + a];
                    vec u0 = ue[3 * a], u1 = ue[3 * a + 1], u2 = ue[3 * a + 2];
                    h00 += u0 * g0; h01 += u0 * g1; h02 += u0 * g2;
                    h10 += u1 * g0; h11 += u1 * g1; h12 += u1 * g2;
                    h20 += u2 * g0; h21 += u2 * g1; h22 += u2 * g2;
                    ql += el[a] * s;
                    qm += em[a] * s;
                }
                ql *= wd[q];
                qm *= wd[q];
                vec p = ql * (h00 + h11 + h22);
                vec s00 = p + 2.0 * qm * h00, s11 = p + 2.0 * qm * h11, s22 = p + 2.0 * qm * h22;
                vec s12 = qm * (h12 + h21), s02 = qm * (h02 + h20), s01 = qm * (h01 + h10);
                for (int64_t a = 0; a < nn; a++) {
                    double g0 = ga[3 * a], g1 = ga[3 * a + 1], g2 = ga[3 * a + 2];
                    ye[3 * a] += s00 * g0 + s01 * g1 + s02 * g2;
                    ye[3 * a + 1] += s01 * g0 + s11 * g1 + s12 * g2;
                    ye[3 * a + 2] += s02 * g0 + s12 * g1 + s22 * g2;
                }
            }
            for (int64_t a = 0; a < nn; a++)
                for (int i = 0; i < 3; i++) *(vec*)(y + (3 * node[a] + i) * width + at) += ye[3 * a + i];
        }
    }
    return worst;
}
