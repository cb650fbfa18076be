/* The forward pass of one window of the batch. */
#ifndef M4LAB_FORWARD_H
#define M4LAB_FORWARD_H

#include "arena_plan.h"

/* Runs window number `window` (below the plan's capacity) through the network.
 * Fills the plan's activations and that window's row of the probabilities, and returns the window's loss
 * by its label, which must be below NETWORK_CLASSES. */
LAYER_PHASE float network_forward(const arena_plan *plan, unsigned char *arena, uint32_t window);

#endif
