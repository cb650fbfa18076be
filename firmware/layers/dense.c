/* The plain fully connected layer: one output at a time. */
#include "dense.h"

layer_status dense_sizes(layer_sizes *sizes, const dense_params *params)
{
    if (!layer_dimension_ok(params->inputs) || !layer_dimension_ok(params->outputs)) {
        return LAYER_BAD_SHAPE;
    }
    sizes->weights = (params->outputs * params->inputs + params->outputs) * (uint32_t)sizeof(float);
    sizes->saved = params->outputs * (uint32_t)sizeof(float);
    sizes->scratch = 0u;
    return LAYER_OK;
}

void dense_forward(float *a, const float *x, const float *w, const float *b, const dense_params *params)
{
    const uint32_t inputs = params->inputs;
    for (uint32_t j = 0; j < params->outputs; j++) {
        const float *w_j = w + j * inputs;
        float acc = b[j];
        for (uint32_t i = 0; i < inputs; i++) {
            acc += x[i] * w_j[i];
        }
        a[j] = acc;
    }
}

static void accumulate_weights(float *dw, float *db, const float *da, const float *x,
                               const dense_params *params)
{
    const uint32_t inputs = params->inputs;
    for (uint32_t j = 0; j < params->outputs; j++) {
        const float da_j = da[j];
        float *dw_j = dw + j * inputs;
        db[j] += da_j;
        for (uint32_t i = 0; i < inputs; i++) {
            dw_j[i] += da_j * x[i];
        }
    }
}

static void propagate_input(float *dx, const float *da, const float *w, const dense_params *params)
{
    const uint32_t inputs = params->inputs;
    for (uint32_t i = 0; i < inputs; i++) {
        const float *w_ji = w + i;
        float acc = 0.0f;
        for (uint32_t j = 0; j < params->outputs; j++) {
            acc += *w_ji * da[j];
            w_ji += inputs;
        }
        dx[i] = acc;
    }
}

void dense_backward(const dense_gradients *gradients, const float *da, const float *x, const float *w,
                    const dense_params *params)
{
    accumulate_weights(gradients->dw, gradients->db, da, x, params);
    if (gradients->dx) {
        propagate_input(gradients->dx, da, w, params);
    }
}
