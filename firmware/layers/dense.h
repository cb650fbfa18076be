/* Fully connected layer: x [inputs], w [outputs][inputs], b [outputs], a [outputs]. */
#ifndef M4LAB_DENSE_H
#define M4LAB_DENSE_H

#include "layer.h"

typedef struct {
    uint32_t inputs; /* 1..LAYER_MAX_DIMENSION, as the next */
    uint32_t outputs;
} dense_params;

typedef struct {
    float *dx; /* [inputs], or a null pointer when nothing below needs it; overwritten */
    float *dw; /* [outputs][inputs], ACCUMULATED into */
    float *db; /* [outputs], ACCUMULATED into */
} dense_gradients;

/* Checks the shape and fills `sizes`. The other functions require a shape that this one accepted. */
layer_status dense_sizes(layer_sizes *sizes, const dense_params *params);

/* a[j] = b[j] + sum over i of x[i] * w[j][i], summed from the bias on. */
LAYER_PHASE void dense_forward(float *a, const float *x, const float *w, const float *b,
                               const dense_params *params);

/* Differentiates the line above; da is [outputs]. No buffer may overlap another.
 *   db[j]    += da[j]
 *   dw[j][i] += da[j] * x[i]
 *   dx[i]     = sum over j of w[j][i] * da[j]
 */
LAYER_PHASE void dense_backward(const dense_gradients *gradients, const float *da, const float *x,
                                const float *w, const dense_params *params);

#endif
