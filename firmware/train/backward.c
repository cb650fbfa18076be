/* The chain rule from the logits down; ReLU's gradient in place. */
#include "backward.h"

/* dense2, then dense1. `d_features` is a null pointer when the layers below are frozen. */
static void dense_part(const arena_plan *plan, unsigned char *arena, uint32_t window, float *d_features)
{
    const network_layers *layers = &plan->layers;
    const float *w = arena_floats(arena, plan->parameters);
    const float *features = flatten_forward(arena_floats(arena, plan->gap_out), &layers->flatten);
    const float *dense1 = arena_floats(arena, plan->dense1_out);
    const float *p = arena_floats(arena, plan->probabilities) + window * NETWORK_CLASSES;
    const uint32_t label = arena_words(arena, plan->labels)[window];
    float *d_logits = arena_floats(arena, plan->d_logits);
    float *d_dense1 = arena_floats(arena, plan->d_dense1);
    float *gradients = arena_floats(arena, plan->gradients);
    const uint32_t first = plan->first_trained;

    softmax_backward(d_logits, p, label, &layers->softmax);

    const dense_gradients dense2_gradients = {.dx = d_dense1,
                                              .dw = gradients + (NETWORK_DENSE2_W - first),
                                              .db = gradients + (NETWORK_DENSE2_B - first)};
    dense_backward(&dense2_gradients, d_logits, dense1, w + NETWORK_DENSE2_W, &layers->dense2);
    relu_backward(d_dense1, d_dense1, dense1, &layers->relu3);

    const dense_gradients dense1_gradients = {.dx = d_features,
                                              .dw = gradients + (NETWORK_DENSE1_W - first),
                                              .db = gradients + (NETWORK_DENSE1_B - first)};
    dense_backward(&dense1_gradients, d_dense1, features, w + NETWORK_DENSE1_W, &layers->dense1);
}

/* conv2, then conv1, from the gradient that dense_part left in d_gap. Full alone comes here. */
static void convolution_part(const arena_plan *plan, unsigned char *arena, uint32_t window)
{
    const network_layers *layers = &plan->layers;
    const float *w = arena_floats(arena, plan->parameters);
    const float *x = arena_floats(arena, plan->windows) + window * plan->window_floats;
    const float *pool1 = arena_floats(arena, plan->pool1_out);
    float *gradients = arena_floats(arena, plan->gradients);
    float *d_pool2 = arena_floats(arena, plan->d_pool2);
    float *d_conv2 = arena_floats(arena, plan->d_conv2);
    float *d_pool1 = arena_floats(arena, plan->d_pool1);
    float *d_conv1 = arena_floats(arena, plan->d_conv1);

    globalavgpool1d_backward(d_pool2, arena_floats(arena, plan->d_gap), &layers->gap);
    avgpool1d_backward(d_conv2, d_pool2, &layers->pool2);
    relu_backward(d_conv2, d_conv2, arena_floats(arena, plan->conv2_out), &layers->relu2);
    const conv1d_gradients conv2_gradients = {
        .dx = d_pool1, .dw = gradients + NETWORK_CONV2_W, .db = gradients + NETWORK_CONV2_B};
    conv1d_backward(&conv2_gradients, d_conv2, pool1, w + NETWORK_CONV2_W, &layers->conv2);

    avgpool1d_backward(d_conv1, d_pool1, &layers->pool1);
    relu_backward(d_conv1, d_conv1, arena_floats(arena, plan->conv1_out), &layers->relu1);
    const conv1d_gradients conv1_gradients = {
        .dx = 0, .dw = gradients + NETWORK_CONV1_W, .db = gradients + NETWORK_CONV1_B};
    conv1d_backward(&conv1_gradients, d_conv1, x, w + NETWORK_CONV1_W, &layers->conv1);
}

void network_backward(const arena_plan *plan, unsigned char *arena, uint32_t window)
{
    if (plan->mode == TRAIN_MODE_TL) {
        dense_part(plan, arena, window, 0);
        return;
    }
    float *d_gap = arena_floats(arena, plan->d_gap);
    dense_part(plan, arena, window, flatten_backward(d_gap, &plan->layers.flatten));
    convolution_part(plan, arena, window);
}
