/* Stochastic gradient descent without momentum. */
#ifndef M4LAB_SGD_H
#define M4LAB_SGD_H

#include "arena_plan.h"

/* w -= (learning_rate / windows) * g over the trained parameters alone; gradients are left as they are.
 * `windows` is how many windows were accumulated, at least 1. */
LAYER_PHASE void sgd_update(const arena_plan *plan, unsigned char *arena, float learning_rate,
                            uint32_t windows);

/* Sets every gradient to +0. */
LAYER_PHASE void gradients_clear(const arena_plan *plan, unsigned char *arena);

#endif
