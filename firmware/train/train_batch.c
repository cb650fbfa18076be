/* The orchestrator of one training step. */
#include "train_batch.h"

#include "backward.h"
#include "forward.h"
#include "sgd.h"

float train_batch(const arena_plan *plan, unsigned char *arena, uint32_t count, float learning_rate)
{
    gradients_clear(plan, arena);
    float loss = network_forward(plan, arena, 0u);
    network_backward(plan, arena, 0u);
    for (uint32_t window = 1; window < count; window++) {
        loss += network_forward(plan, arena, window);
        network_backward(plan, arena, window);
    }
    sgd_update(plan, arena, learning_rate, count);
    return loss / (float)count;
}
