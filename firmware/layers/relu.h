/* Rectifier, a = max(x, 0), over `count` elements of any shape. Minus zero and NaN become +0. */
#ifndef M4LAB_RELU_H
#define M4LAB_RELU_H

#include "layer.h"

typedef struct {
    uint32_t count; /* elements, 1..LAYER_MAX_DIMENSION squared */
} relu_params;

/* Reports no memory of its own: in place it needs none. */
layer_status relu_sizes(layer_sizes *sizes, const relu_params *params);

/* a[i] = x[i] > 0 ? x[i] : +0. `a` may be `x`. */
LAYER_PHASE void relu_forward(float *a, const float *x, const relu_params *params);

/* Differentiates the line above from the stored output: dx[i] = a[i] > 0 ? da[i] : +0. `dx` may be `da`. */
LAYER_PHASE void relu_backward(float *dx, const float *da, const float *a, const relu_params *params);

#endif
