/* The backward pass of one window of the batch. */
#ifndef M4LAB_BACKWARD_H
#define M4LAB_BACKWARD_H

#include "arena_plan.h"

/* ACCUMULATES the gradients of window number `window`'s loss into the plan's gradients. It needs what
 * network_forward of the same window left. In TL nothing is propagated below dense1, and no gradient of
 * a frozen layer exists. */
LAYER_PHASE void network_backward(const arena_plan *plan, unsigned char *arena, uint32_t window);

#endif
