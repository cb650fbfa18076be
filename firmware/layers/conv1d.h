/* One-dimensional convolution, stride 1, no padding ("valid"), with a bias for each filter.
 *
 * x [in_channels][in_length], w [filters][in_channels][kernel], b [filters],
 * a [filters][out_length] with out_length = in_length - kernel + 1.
 */
#ifndef M4LAB_CONV1D_H
#define M4LAB_CONV1D_H

#include "layer.h"

typedef struct {
    uint32_t in_channels; /* 1..LAYER_MAX_DIMENSION, as all of these */
    uint32_t filters;
    uint32_t kernel; /* at most in_length */
    uint32_t in_length;
} conv1d_params;

/* Parameter gradients and their inputs, named as in a = w * x + b. */
typedef struct {
    float *dx; /* [in_channels][in_length], or a null pointer when nothing below needs it; overwritten */
    float *dw; /* [filters][in_channels][kernel], ACCUMULATED into */
    float *db; /* [filters], ACCUMULATED into */
} conv1d_gradients;

static inline uint32_t conv1d_out_length(const conv1d_params *params)
{
    return params->in_length - params->kernel + 1u;
}

/* Checks the shape and fills `sizes`. The other functions require a shape that this one accepted. */
layer_status conv1d_sizes(layer_sizes *sizes, const conv1d_params *params);

/* a[j][m] = b[j] + sum over c, k of x[c][m + k] * w[j][c][k], summed in the order c, then k. */
LAYER_PHASE void conv1d_forward(float *a, const float *x, const float *w, const float *b,
                                const conv1d_params *params);

/* Differentiates the line above; da is [filters][out_length]. No buffer may overlap another.
 *   db[j]       += sum over m of da[j][m]
 *   dw[j][c][k] += sum over m of da[j][m] * x[c][m + k]
 *   dx[c][n]     = sum over j, k of da[j][n - k] * w[j][c][k], where 0 <= n - k < out_length
 */
LAYER_PHASE void conv1d_backward(const conv1d_gradients *gradients, const float *da, const float *x,
                                 const float *w, const conv1d_params *params);

#endif
