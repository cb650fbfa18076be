/* Average pooling over time: windows of `pool` samples, stride `pool`.
 *
 * x [channels][in_length], a [channels][out_length] with out_length = floor(in_length / pool).
 * Samples past out_length * pool are dropped; their gradient is +0.
 */
#ifndef M4LAB_AVGPOOL1D_H
#define M4LAB_AVGPOOL1D_H

#include "layer.h"

typedef struct {
    uint32_t channels; /* 1..LAYER_MAX_DIMENSION, as all of these */
    uint32_t pool;     /* at most in_length */
    uint32_t in_length;
} avgpool1d_params;

static inline uint32_t avgpool1d_out_length(const avgpool1d_params *params)
{
    return params->in_length / params->pool;
}

/* Checks the shape and fills `sizes`. The other functions require a shape that this one accepted. */
layer_status avgpool1d_sizes(layer_sizes *sizes, const avgpool1d_params *params);

/* a[c][m] = (x[c][pool * m] + ... + x[c][pool * m + pool - 1]) * (1 / pool), summed from the left. */
LAYER_PHASE void avgpool1d_forward(float *a, const float *x, const avgpool1d_params *params);

/* Differentiates the line above: dx[c][pool * m + i] = da[c][m] * (1 / pool). Overwrites all of dx. */
LAYER_PHASE void avgpool1d_backward(float *dx, const float *da, const avgpool1d_params *params);

#endif
