/* Average of each channel over all of its time: x [channels][in_length], a [channels]. */
#ifndef M4LAB_GLOBALAVGPOOL1D_H
#define M4LAB_GLOBALAVGPOOL1D_H

#include "layer.h"

typedef struct {
    uint32_t channels; /* 1..LAYER_MAX_DIMENSION, as the next */
    uint32_t in_length;
} globalavgpool1d_params;

/* Checks the shape and fills `sizes`. The other functions require a shape that this one accepted. */
layer_status globalavgpool1d_sizes(layer_sizes *sizes, const globalavgpool1d_params *params);

/* a[c] = (x[c][0] + ... + x[c][in_length - 1]) * (1 / in_length), summed from the left. */
LAYER_PHASE void globalavgpool1d_forward(float *a, const float *x, const globalavgpool1d_params *params);

/* Differentiates the line above: dx[c][i] = da[c] * (1 / in_length). Overwrites all of dx. */
LAYER_PHASE void globalavgpool1d_backward(float *dx, const float *da, const globalavgpool1d_params *params);

#endif
