/* Softmax over one vector, and the categorical cross-entropy of one label.
 *
 * x [count] logits, p [count] probabilities. The maximum is taken off first, so exp never overflows.
 */
#ifndef M4LAB_SOFTMAX_H
#define M4LAB_SOFTMAX_H

#include "layer.h"

typedef struct {
    uint32_t count; /* classes, 1..LAYER_MAX_DIMENSION */
} softmax_params;

/* What the loss needs beyond the logits. */
typedef struct {
    float max; /* the largest logit */
    float sum; /* sum over i of exp(x[i] - max), at least 1 */
} softmax_saved;

/* Checks the shape and fills `sizes`. The other functions require a shape that this one accepted. */
layer_status softmax_sizes(layer_sizes *sizes, const softmax_params *params);

/* p[i] = exp(x[i] - max) / sum. `p` must not be `x`, which the loss reads again. */
LAYER_PHASE void softmax_forward(float *p, softmax_saved *saved, const float *x,
                                 const softmax_params *params);

/* -log p[label], without the rounding of p: log(sum) - (x[label] - max). label < count. */
LAYER_PHASE float softmax_loss(const softmax_saved *saved, const float *x, uint32_t label);

/* Differentiates softmax_loss by the logits: dx[i] = p[i], and dx[label] = p[label] - 1. Overwrites dx. */
LAYER_PHASE void softmax_backward(float *dx, const float *p, uint32_t label, const softmax_params *params);

#endif
