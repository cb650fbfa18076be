/* The forward half of a batch. */
#include "evaluation.h"

#include "forward.h"

float evaluate_batch(const arena_plan *plan, unsigned char *arena, uint32_t count)
{
    float loss = network_forward(plan, arena, 0u);
    for (uint32_t window = 1; window < count; window++) {
        loss += network_forward(plan, arena, window);
    }
    return loss / (float)count;
}
