/* Average pooling. The division is a product with the rounded reciprocal, once a call. */
#include "avgpool1d.h"

layer_status avgpool1d_sizes(layer_sizes *sizes, const avgpool1d_params *params)
{
    if (!layer_dimension_ok(params->channels) || !layer_dimension_ok(params->pool)
        || !layer_dimension_ok(params->in_length) || params->pool > params->in_length) {
        return LAYER_BAD_SHAPE;
    }
    sizes->weights = 0u;
    sizes->saved = params->channels * avgpool1d_out_length(params) * (uint32_t)sizeof(float);
    sizes->scratch = 0u;
    return LAYER_OK;
}

void avgpool1d_forward(float *a, const float *x, const avgpool1d_params *params)
{
    const uint32_t pool = params->pool;
    const uint32_t out_length = avgpool1d_out_length(params);
    const float inverse = 1.0f / (float)pool;

    for (uint32_t c = 0; c < params->channels; c++) {
        const float *x_m = x + c * params->in_length;
        for (uint32_t m = 0; m < out_length; m++) {
            float acc = x_m[0];
            for (uint32_t i = 1; i < pool; i++) {
                acc += x_m[i];
            }
            *a++ = acc * inverse;
            x_m += pool;
        }
    }
}

void avgpool1d_backward(float *dx, const float *da, const avgpool1d_params *params)
{
    const uint32_t pool = params->pool;
    const uint32_t out_length = avgpool1d_out_length(params);
    const uint32_t dropped = params->in_length - out_length * pool;
    const float inverse = 1.0f / (float)pool;

    for (uint32_t c = 0; c < params->channels; c++) {
        for (uint32_t m = 0; m < out_length; m++) {
            const float share = *da++ * inverse;
            for (uint32_t i = 0; i < pool; i++) {
                *dx++ = share;
            }
        }
        for (uint32_t i = 0; i < dropped; i++) {
            *dx++ = 0.0f;
        }
    }
}
