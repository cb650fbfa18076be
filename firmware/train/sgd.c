/* The update: one product and one difference a parameter, rounded apart. */
#include "sgd.h"

void sgd_update(const arena_plan *plan, unsigned char *arena, float learning_rate, uint32_t windows)
{
    float *w = arena_floats(arena, plan->parameters) + plan->first_trained;
    const float *g = arena_floats(arena, plan->gradients);
    const uint32_t count = NETWORK_PARAMETERS - plan->first_trained;
    const float scale = learning_rate / (float)windows;

    for (uint32_t i = 0; i < count; i++) {
        w[i] -= scale * g[i];
    }
}

void gradients_clear(const arena_plan *plan, unsigned char *arena)
{
    float *g = arena_floats(arena, plan->gradients);
    const uint32_t count = NETWORK_PARAMETERS - plan->first_trained;

    for (uint32_t i = 0; i < count; i++) {
        g[i] = 0.0f;
    }
}
