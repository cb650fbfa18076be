/* The link between a training firmware and its host: one control block in SRAM, found by its ELF symbol
 * `m4lab_link`. An emulator, a debug probe or a monitor can serve it; the firmware never knows which.
 *
 * The exchange. The firmware rests in the function `m4lab_link_wait`, which polls `command`. The host
 *   1. lets the machine run until the program counter enters m4lab_link_wait,
 *   2. writes the command's arguments and data, and `command` last,
 *   3. lets it run until m4lab_link_wait is entered again (with a probe: until `command` reads 0).
 * The firmware writes its results and `status` first and sets `command` to 0 last.
 *
 * All fields are 32-bit little-endian words; the layout is the same on every machine. Buffers are
 * addresses in the firmware's memory with their sizes in bytes; they are 0 until CONFIGURE succeeded.
 */
#ifndef M4LAB_LINK_H
#define M4LAB_LINK_H

#include <stddef.h>
#include <stdint.h>

#define M4LAB_LINK_MAGIC 0x424C344Du /* the bytes 'M' '4' 'L' 'B' in memory order */
#define M4LAB_LINK_VERSION 1u

typedef enum {
    M4LAB_COMMAND_NONE = 0,
    /* Reads window_length, mode, batch_capacity and learning_rate; plans the memory; fills the buffer fields
     * and arena_bytes; clears the gradients. Parameters keep their place and are not touched. On an error the
     * firmware is left unconfigured, the buffer fields are 0, and arena_bytes says what would be needed if
     * the arena was too small (else 0). */
    M4LAB_COMMAND_CONFIGURE = 1,
    /* Trains on windows 0..count-1: forward, backward, one update. Sets loss; fills probabilities. Gradients
     * of this batch can be read until the next TRAIN_BATCH or CONFIGURE. learning_rate is read each time. */
    M4LAB_COMMAND_TRAIN_BATCH = 2,
    /* Forward only, on windows 0..count-1. Sets loss; fills probabilities. */
    M4LAB_COMMAND_EVALUATE = 3,
    /* Leaves main; the program ends by semihosting with status 0. */
    M4LAB_COMMAND_EXIT = 4
} m4lab_link_command;

/* A command that fails changes no parameter, gradient, probability or loss. */
typedef enum {
    M4LAB_STATUS_OK = 0,
    M4LAB_STATUS_BAD_LENGTH = -1,   /* window_length is outside 10..128 */
    M4LAB_STATUS_BAD_MODE = -2,     /* mode is neither 0 nor 1 */
    M4LAB_STATUS_BAD_CAPACITY = -3, /* batch_capacity is outside 1..1024 */
    M4LAB_STATUS_BAD_COUNT = -4,    /* count is outside 1..batch_capacity */
    M4LAB_STATUS_BAD_LABEL = -5,    /* one of the first `count` labels is above 5 */
    M4LAB_STATUS_ARENA_TOO_SMALL = -6,
    M4LAB_STATUS_NOT_CONFIGURED = -7,
    M4LAB_STATUS_UNKNOWN_COMMAND = -8
} m4lab_link_status;

#define M4LAB_MODE_TL 0u   /* dense1 and dense2 are trained; conv1 and conv2 are frozen */
#define M4LAB_MODE_FULL 1u /* every layer is trained */

typedef struct {
    uint32_t magic;               /*  0 firmware: M4LAB_LINK_MAGIC */
    uint32_t version;             /*  4 firmware: M4LAB_LINK_VERSION */
    uint32_t command;             /*  8 host writes a command; the firmware sets 0 when it is done */
    int32_t status;               /* 12 firmware: m4lab_link_status of the last command */
    uint32_t window_length;       /* 16 host: time steps N of a window */
    uint32_t mode;                /* 20 host: M4LAB_MODE_* */
    uint32_t batch_capacity;      /* 24 host: windows that the buffers can hold */
    float learning_rate;          /* 28 host */
    uint32_t count;               /* 32 host: windows in this command */
    uint32_t parameters;          /* 36 address, float [10084] */
    uint32_t parameters_bytes;    /* 40 */
    uint32_t gradients;           /* 44 address, float, trained parameters only: TL 3,556, Full 10,084 */
    uint32_t gradients_bytes;     /* 48 */
    uint32_t windows;             /* 52 address, float [batch_capacity][3][N] */
    uint32_t windows_bytes;       /* 56 */
    uint32_t labels;              /* 60 address, uint32 [batch_capacity], 0..5 */
    uint32_t labels_bytes;        /* 64 */
    uint32_t probabilities;       /* 68 address, float [batch_capacity][6] */
    uint32_t probabilities_bytes; /* 72 */
    uint32_t arena_bytes;         /* 76 firmware: bytes of its arena that this configuration uses */
    float loss;                   /* 80 firmware: mean loss of the batch, before the update */
} m4lab_link_block;

_Static_assert(offsetof(m4lab_link_block, command) == 8, "layout of the link");
_Static_assert(offsetof(m4lab_link_block, window_length) == 16, "layout of the link");
_Static_assert(offsetof(m4lab_link_block, parameters) == 36, "layout of the link");
_Static_assert(offsetof(m4lab_link_block, probabilities) == 68, "layout of the link");
_Static_assert(offsetof(m4lab_link_block, loss) == 80, "layout of the link");
_Static_assert(sizeof(m4lab_link_block) == 84, "layout of the link");

extern volatile m4lab_link_block m4lab_link;

/* Returns the next command once the host has written one. Its entry point is the meeting place of the two. */
uint32_t m4lab_link_wait(void);

#endif
