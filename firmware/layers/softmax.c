/* Softmax and its loss, with the exp and log of elementary.h. */
#include "softmax.h"

#include "elementary.h"

layer_status softmax_sizes(layer_sizes *sizes, const softmax_params *params)
{
    if (!layer_dimension_ok(params->count)) {
        return LAYER_BAD_SHAPE;
    }
    sizes->weights = 0u;
    sizes->saved = params->count * (uint32_t)sizeof(float);
    sizes->scratch = 0u;
    return LAYER_OK;
}

void softmax_forward(float *p, softmax_saved *saved, const float *x, const softmax_params *params)
{
    const uint32_t count = params->count;
    float max = x[0];
    for (uint32_t i = 1; i < count; i++) {
        if (x[i] > max) {
            max = x[i];
        }
    }
    float sum = elementary_exp(x[0] - max);
    p[0] = sum;
    for (uint32_t i = 1; i < count; i++) {
        p[i] = elementary_exp(x[i] - max);
        sum += p[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        p[i] = p[i] / sum;
    }
    saved->max = max;
    saved->sum = sum;
}

float softmax_loss(const softmax_saved *saved, const float *x, uint32_t label)
{
    return elementary_log(saved->sum) - (x[label] - saved->max);
}

void softmax_backward(float *dx, const float *p, uint32_t label, const softmax_params *params)
{
    for (uint32_t i = 0; i < params->count; i++) {
        dx[i] = p[i];
    }
    dx[label] = p[label] - 1.0f;
}
