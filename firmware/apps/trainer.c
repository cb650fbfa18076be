/* The trainer: serves the link until it is told to exit. All of its working memory is one static arena. */
#include "m4lab_link.h"

#include "arena_plan.h"
#include "evaluation.h"
#include "sgd.h"
#include "train_batch.h"

/* Leaves 16 KB of the STM32L496ZG's 320 KB for the stack and 4 KB for everything else. */
#ifndef M4LAB_ARENA_BYTES
#define M4LAB_ARENA_BYTES (300u * 1024u)
#endif

_Static_assert(TRAIN_MODE_TL == M4LAB_MODE_TL && TRAIN_MODE_FULL == M4LAB_MODE_FULL,
               "one numbering of modes");

/* The host reads and writes both by their symbols. */
extern unsigned char m4lab_arena[M4LAB_ARENA_BYTES];
_Alignas(8) unsigned char m4lab_arena[M4LAB_ARENA_BYTES];
volatile m4lab_link_block m4lab_link = {.magic = M4LAB_LINK_MAGIC, .version = M4LAB_LINK_VERSION};

typedef struct {
    arena_plan plan;
    int configured;
} trainer_state;

LAYER_PHASE uint32_t m4lab_link_wait(void)
{
    uint32_t command;
    do {
        command = m4lab_link.command;
    } while (command == M4LAB_COMMAND_NONE);
    __asm volatile("" ::: "memory"); /* the host wrote the buffers: forget what was read before */
    return command;
}

static void publish_buffers(const trainer_state *state)
{
    const arena_plan *plan = &state->plan;
    const uint32_t base = (uint32_t)(uintptr_t)m4lab_arena;
    m4lab_link.parameters = base + plan->parameters.offset;
    m4lab_link.parameters_bytes = plan->parameters.bytes;
    m4lab_link.gradients = base + plan->gradients.offset;
    m4lab_link.gradients_bytes = plan->gradients.bytes;
    m4lab_link.windows = base + plan->windows.offset;
    m4lab_link.windows_bytes = plan->windows.bytes;
    m4lab_link.labels = base + plan->labels.offset;
    m4lab_link.labels_bytes = plan->labels.bytes;
    m4lab_link.probabilities = base + plan->probabilities.offset;
    m4lab_link.probabilities_bytes = plan->probabilities.bytes;
    m4lab_link.arena_bytes = plan->used_bytes;
}

static void withdraw_buffers(void)
{
    m4lab_link.parameters = 0u;
    m4lab_link.parameters_bytes = 0u;
    m4lab_link.gradients = 0u;
    m4lab_link.gradients_bytes = 0u;
    m4lab_link.windows = 0u;
    m4lab_link.windows_bytes = 0u;
    m4lab_link.labels = 0u;
    m4lab_link.labels_bytes = 0u;
    m4lab_link.probabilities = 0u;
    m4lab_link.probabilities_bytes = 0u;
    m4lab_link.arena_bytes = 0u;
}

static m4lab_link_status status_of_plan(arena_plan_status status)
{
    switch (status) {
    case ARENA_PLAN_BAD_LENGTH:
        return M4LAB_STATUS_BAD_LENGTH;
    case ARENA_PLAN_BAD_MODE:
        return M4LAB_STATUS_BAD_MODE;
    case ARENA_PLAN_BAD_CAPACITY:
        return M4LAB_STATUS_BAD_CAPACITY;
    case ARENA_PLAN_OK:
        break;
    }
    return M4LAB_STATUS_OK;
}

static m4lab_link_status configure(trainer_state *state)
{
    state->configured = 0;
    withdraw_buffers();
    const m4lab_link_status status = status_of_plan(arena_plan_make(
        &state->plan, m4lab_link.window_length, m4lab_link.mode, m4lab_link.batch_capacity));
    if (status != M4LAB_STATUS_OK) {
        return status;
    }
    if (state->plan.used_bytes > sizeof m4lab_arena) {
        m4lab_link.arena_bytes = state->plan.used_bytes;
        return M4LAB_STATUS_ARENA_TOO_SMALL;
    }
    gradients_clear(&state->plan, m4lab_arena);
    publish_buffers(state);
    state->configured = 1;
    return M4LAB_STATUS_OK;
}

static m4lab_link_status check_batch(const trainer_state *state, uint32_t count)
{
    if (!state->configured) {
        return M4LAB_STATUS_NOT_CONFIGURED;
    }
    if (count < 1u || count > state->plan.capacity) {
        return M4LAB_STATUS_BAD_COUNT;
    }
    const uint32_t *labels = arena_words(m4lab_arena, state->plan.labels);
    for (uint32_t i = 0; i < count; i++) {
        if (labels[i] >= NETWORK_CLASSES) {
            return M4LAB_STATUS_BAD_LABEL;
        }
    }
    return M4LAB_STATUS_OK;
}

static m4lab_link_status run_batch(trainer_state *state, uint32_t command)
{
    const uint32_t count = m4lab_link.count;
    const m4lab_link_status status = check_batch(state, count);
    if (status != M4LAB_STATUS_OK) {
        return status;
    }
    if (command == M4LAB_COMMAND_TRAIN_BATCH) {
        m4lab_link.loss = train_batch(&state->plan, m4lab_arena, count, m4lab_link.learning_rate);
    } else {
        m4lab_link.loss = evaluate_batch(&state->plan, m4lab_arena, count);
    }
    return M4LAB_STATUS_OK;
}

static m4lab_link_status obey(trainer_state *state, uint32_t command)
{
    switch (command) {
    case M4LAB_COMMAND_CONFIGURE:
        return configure(state);
    case M4LAB_COMMAND_TRAIN_BATCH:
    case M4LAB_COMMAND_EVALUATE:
        return run_batch(state, command);
    case M4LAB_COMMAND_EXIT:
        return M4LAB_STATUS_OK;
    default:
        return M4LAB_STATUS_UNKNOWN_COMMAND;
    }
}

int main(void)
{
    static trainer_state state;
    uint32_t command;
    do {
        command = m4lab_link_wait();
        m4lab_link.status = obey(&state, command);
        __asm volatile("" ::: "memory"); /* every result stands in memory before the host is told */
        m4lab_link.command = M4LAB_COMMAND_NONE;
    } while (command != M4LAB_COMMAND_EXIT);
    return 0;
}
