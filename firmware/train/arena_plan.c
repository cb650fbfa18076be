/* The bump plan. Each layer says itself how much its output takes. */
#include "arena_plan.h"

static arena_span place(arena_plan *plan, uint32_t bytes)
{
    const arena_span span = {.offset = plan->used_bytes, .bytes = bytes};
    plan->used_bytes += bytes;
    return span;
}

/* The bytes of the outputs that are kept, in forward order. */
typedef struct {
    uint32_t conv1, pool1, conv2, pool2, gap, dense1, logits;
} saved_bytes;

static layer_status measure_layers(saved_bytes *saved, const network_layers *layers)
{
    layer_sizes conv1, pool1, conv2, pool2, gap, dense1, dense2;
    if (conv1d_sizes(&conv1, &layers->conv1) || avgpool1d_sizes(&pool1, &layers->pool1)
        || conv1d_sizes(&conv2, &layers->conv2) || avgpool1d_sizes(&pool2, &layers->pool2)
        || globalavgpool1d_sizes(&gap, &layers->gap) || dense_sizes(&dense1, &layers->dense1)
        || dense_sizes(&dense2, &layers->dense2)) {
        return LAYER_BAD_SHAPE;
    }
    saved->conv1 = conv1.saved;
    saved->pool1 = pool1.saved;
    saved->conv2 = conv2.saved;
    saved->pool2 = pool2.saved;
    saved->gap = gap.saved;
    saved->dense1 = dense1.saved;
    saved->logits = dense2.saved;
    return LAYER_OK;
}

static void place_network(arena_plan *plan, const saved_bytes *saved)
{
    plan->conv1_out = place(plan, saved->conv1);
    plan->pool1_out = place(plan, saved->pool1);
    plan->conv2_out = place(plan, saved->conv2);
    plan->pool2_out = place(plan, saved->pool2);
    plan->gap_out = place(plan, saved->gap);
    plan->dense1_out = place(plan, saved->dense1);
    plan->logits = place(plan, saved->logits);

    const uint32_t below = plan->mode == TRAIN_MODE_FULL ? 1u : 0u; /* does the error go below dense1? */
    plan->d_logits = place(plan, saved->logits);
    plan->d_dense1 = place(plan, saved->dense1);
    plan->d_gap = place(plan, saved->gap * below);
    plan->d_pool2 = place(plan, saved->pool2 * below);
    plan->d_conv2 = place(plan, saved->conv2 * below);
    plan->d_pool1 = place(plan, saved->pool1 * below);
    plan->d_conv1 = place(plan, saved->conv1 * below);
}

arena_plan_status arena_plan_make(arena_plan *plan, uint32_t length, uint32_t mode, uint32_t capacity)
{
    const uint32_t word = (uint32_t)sizeof(float);
    saved_bytes saved;

    if (network_describe(&plan->layers, length) || measure_layers(&saved, &plan->layers)) {
        return ARENA_PLAN_BAD_LENGTH;
    }
    if (mode != TRAIN_MODE_TL && mode != TRAIN_MODE_FULL) {
        return ARENA_PLAN_BAD_MODE;
    }
    if (capacity < 1u || capacity > ARENA_MAX_CAPACITY) {
        return ARENA_PLAN_BAD_CAPACITY;
    }
    plan->mode = mode;
    plan->capacity = capacity;
    plan->window_floats = NETWORK_CHANNELS * length;
    plan->first_trained = mode == TRAIN_MODE_FULL ? 0u : NETWORK_DENSE1_W;
    plan->used_bytes = 0u;

    plan->parameters = place(plan, NETWORK_PARAMETERS * word);
    plan->gradients = place(plan, (NETWORK_PARAMETERS - plan->first_trained) * word);
    plan->windows = place(plan, capacity * plan->window_floats * word);
    plan->labels = place(plan, capacity * (uint32_t)sizeof(uint32_t));
    plan->probabilities = place(plan, capacity * NETWORK_CLASSES * word);
    place_network(plan, &saved);
    return ARENA_PLAN_OK;
}
