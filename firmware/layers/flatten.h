/* Flatten: the same elements in the same order, seen as one vector. No copy, no arithmetic. */
#ifndef M4LAB_FLATTEN_H
#define M4LAB_FLATTEN_H

#include "layer.h"

typedef struct {
    uint32_t channels; /* 1..LAYER_MAX_DIMENSION, as the next */
    uint32_t length;
} flatten_params;

/* Checks the shape; a view has no memory of its own. */
layer_status flatten_sizes(layer_sizes *sizes, const flatten_params *params);

/* The vector of channels * length elements that `x` already is. */
LAYER_PHASE const float *flatten_forward(const float *x, const flatten_params *params);

/* The gradient of that vector, where the layer below writes and reads it as [channels][length]. */
LAYER_PHASE float *flatten_backward(float *da, const flatten_params *params);

#endif
