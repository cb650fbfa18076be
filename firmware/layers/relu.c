/* The rectifier, element by element. */
#include "relu.h"

layer_status relu_sizes(layer_sizes *sizes, const relu_params *params)
{
    if (params->count < 1u || params->count > LAYER_MAX_DIMENSION * LAYER_MAX_DIMENSION) {
        return LAYER_BAD_SHAPE;
    }
    sizes->weights = 0u;
    sizes->saved = 0u;
    sizes->scratch = 0u;
    return LAYER_OK;
}

void relu_forward(float *a, const float *x, const relu_params *params)
{
    const uint32_t count = params->count;
    for (uint32_t i = 0; i < count; i++) {
        a[i] = x[i] > 0.0f ? x[i] : 0.0f;
    }
}

void relu_backward(float *dx, const float *da, const float *a, const relu_params *params)
{
    const uint32_t count = params->count;
    for (uint32_t i = 0; i < count; i++) {
        dx[i] = a[i] > 0.0f ? da[i] : 0.0f;
    }
}
