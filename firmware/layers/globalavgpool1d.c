/* The average of a whole channel. The division is a product with the rounded reciprocal, once a call. */
#include "globalavgpool1d.h"

layer_status globalavgpool1d_sizes(layer_sizes *sizes, const globalavgpool1d_params *params)
{
    if (!layer_dimension_ok(params->channels) || !layer_dimension_ok(params->in_length)) {
        return LAYER_BAD_SHAPE;
    }
    sizes->weights = 0u;
    sizes->saved = params->channels * (uint32_t)sizeof(float);
    sizes->scratch = 0u;
    return LAYER_OK;
}

void globalavgpool1d_forward(float *a, const float *x, const globalavgpool1d_params *params)
{
    const uint32_t in_length = params->in_length;
    const float inverse = 1.0f / (float)in_length;

    for (uint32_t c = 0; c < params->channels; c++) {
        const float *x_c = x + c * in_length;
        float acc = x_c[0];
        for (uint32_t i = 1; i < in_length; i++) {
            acc += x_c[i];
        }
        a[c] = acc * inverse;
    }
}

void globalavgpool1d_backward(float *dx, const float *da, const globalavgpool1d_params *params)
{
    const uint32_t in_length = params->in_length;
    const float inverse = 1.0f / (float)in_length;

    for (uint32_t c = 0; c < params->channels; c++) {
        const float share = da[c] * inverse;
        for (uint32_t i = 0; i < in_length; i++) {
            *dx++ = share;
        }
    }
}
