/* The plain convolution: one output at a time. It stays as the reference for faster kernels. */
#include "conv1d.h"

layer_status conv1d_sizes(layer_sizes *sizes, const conv1d_params *params)
{
    if (!layer_dimension_ok(params->in_channels) || !layer_dimension_ok(params->filters)
        || !layer_dimension_ok(params->kernel) || !layer_dimension_ok(params->in_length)
        || params->kernel > params->in_length) {
        return LAYER_BAD_SHAPE;
    }
    const uint32_t weights = params->filters * params->in_channels * params->kernel;
    sizes->weights = (weights + params->filters) * (uint32_t)sizeof(float);
    sizes->saved = params->filters * conv1d_out_length(params) * (uint32_t)sizeof(float);
    sizes->scratch = 0u;
    return LAYER_OK;
}

void conv1d_forward(float *a, const float *x, const float *w, const float *b, const conv1d_params *params)
{
    const uint32_t channels = params->in_channels;
    const uint32_t kernel = params->kernel;
    const uint32_t in_length = params->in_length;
    const uint32_t out_length = conv1d_out_length(params);

    for (uint32_t j = 0; j < params->filters; j++) {
        const float *w_j = w + j * channels * kernel;
        float *a_j = a + j * out_length;
        const float b_j = b[j];
        for (uint32_t m = 0; m < out_length; m++) {
            const float *w_jc = w_j;
            const float *x_cm = x + m;
            float acc = b_j;
            for (uint32_t c = 0; c < channels; c++) {
                for (uint32_t k = 0; k < kernel; k++) {
                    acc += x_cm[k] * w_jc[k];
                }
                x_cm += in_length;
                w_jc += kernel;
            }
            a_j[m] = acc;
        }
    }
}

static void accumulate_weights(float *dw, float *db, const float *da, const float *x,
                               const conv1d_params *params)
{
    const uint32_t kernel = params->kernel;
    const uint32_t out_length = conv1d_out_length(params);

    for (uint32_t j = 0; j < params->filters; j++) {
        const float *da_j = da + j * out_length;
        float bias = db[j];
        for (uint32_t m = 0; m < out_length; m++) {
            bias += da_j[m];
        }
        db[j] = bias;
        for (uint32_t c = 0; c < params->in_channels; c++) {
            const float *x_c = x + c * params->in_length;
            for (uint32_t k = 0; k < kernel; k++) {
                const float *x_ck = x_c + k;
                float acc = *dw;
                for (uint32_t m = 0; m < out_length; m++) {
                    acc += da_j[m] * x_ck[m];
                }
                *dw++ = acc;
            }
        }
    }
}

static void propagate_input(float *dx, const float *da, const float *w, const conv1d_params *params)
{
    const uint32_t kernel = params->kernel;
    const uint32_t out_length = conv1d_out_length(params);
    const uint32_t w_stride = params->in_channels * kernel;

    for (uint32_t c = 0; c < params->in_channels; c++) {
        const float *w_c = w + c * kernel;
        float *dx_c = dx + c * params->in_length;
        for (uint32_t n = 0; n < params->in_length; n++) {
            /* The taps that reach position n: 0 <= n - k < out_length. The same for every filter. */
            const uint32_t k_first = n < out_length ? 0u : n - out_length + 1u;
            const uint32_t k_end = n + 1u < kernel ? n + 1u : kernel;
            const float *da_jn = da + n;
            const float *w_jc = w_c;
            float acc = 0.0f;
            for (uint32_t j = 0; j < params->filters; j++) {
                for (uint32_t k = k_first; k < k_end; k++) {
                    acc += *(da_jn - k) * w_jc[k];
                }
                da_jn += out_length;
                w_jc += w_stride;
            }
            dx_c[n] = acc;
        }
    }
}

void conv1d_backward(const conv1d_gradients *gradients, const float *da, const float *x, const float *w,
                     const conv1d_params *params)
{
    accumulate_weights(gradients->dw, gradients->db, da, x, params);
    if (gradients->dx) {
        propagate_input(gradients->dx, da, w, params);
    }
}
