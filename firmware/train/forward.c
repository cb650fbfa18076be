/* Layer after layer, each output in its own buffer, ReLU in place. */
#include "forward.h"

float network_forward(const arena_plan *plan, unsigned char *arena, uint32_t window)
{
    const network_layers *layers = &plan->layers;
    const float *w = arena_floats(arena, plan->parameters);
    const float *x = arena_floats(arena, plan->windows) + window * plan->window_floats;
    const uint32_t label = arena_words(arena, plan->labels)[window];
    float *probabilities = arena_floats(arena, plan->probabilities) + window * NETWORK_CLASSES;
    float *conv1 = arena_floats(arena, plan->conv1_out);
    float *pool1 = arena_floats(arena, plan->pool1_out);
    float *conv2 = arena_floats(arena, plan->conv2_out);
    float *pool2 = arena_floats(arena, plan->pool2_out);
    float *gap = arena_floats(arena, plan->gap_out);
    float *dense1 = arena_floats(arena, plan->dense1_out);
    float *logits = arena_floats(arena, plan->logits);
    softmax_saved saved;

    conv1d_forward(conv1, x, w + NETWORK_CONV1_W, w + NETWORK_CONV1_B, &layers->conv1);
    relu_forward(conv1, conv1, &layers->relu1);
    avgpool1d_forward(pool1, conv1, &layers->pool1);

    conv1d_forward(conv2, pool1, w + NETWORK_CONV2_W, w + NETWORK_CONV2_B, &layers->conv2);
    relu_forward(conv2, conv2, &layers->relu2);
    avgpool1d_forward(pool2, conv2, &layers->pool2);

    globalavgpool1d_forward(gap, pool2, &layers->gap);
    const float *features = flatten_forward(gap, &layers->flatten);

    dense_forward(dense1, features, w + NETWORK_DENSE1_W, w + NETWORK_DENSE1_B, &layers->dense1);
    relu_forward(dense1, dense1, &layers->relu3);
    dense_forward(logits, dense1, w + NETWORK_DENSE2_W, w + NETWORK_DENSE2_B, &layers->dense2);
    softmax_forward(probabilities, &saved, logits, &layers->softmax);
    return softmax_loss(&saved, logits, label);
}
