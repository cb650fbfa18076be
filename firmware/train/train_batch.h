/* One batch: gradients of every window accumulated, then one update. */
#ifndef M4LAB_TRAIN_BATCH_H
#define M4LAB_TRAIN_BATCH_H

#include "arena_plan.h"

/* Trains on windows 0..count-1 and returns the mean loss before the update.
 * count is 1..capacity; every label is below NETWORK_CLASSES. Afterwards the gradients of this batch
 * still stand in the arena: they are cleared at the start of the next. */
LAYER_PHASE float train_batch(const arena_plan *plan, unsigned char *arena, uint32_t count,
                              float learning_rate);

#endif
