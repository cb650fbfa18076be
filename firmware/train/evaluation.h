/* Forward passes alone: probabilities and loss, nothing learnt. */
#ifndef M4LAB_EVALUATION_H
#define M4LAB_EVALUATION_H

#include "arena_plan.h"

/* Fills the probabilities of windows 0..count-1 and returns their mean loss. Parameters and gradients
 * are left alone. count is 1..capacity; every label is below NETWORK_CLASSES. */
LAYER_PHASE float evaluate_batch(const arena_plan *plan, unsigned char *arena, uint32_t count);

#endif
