/** The heap of newlib and newlib-nano, against what the program knows of its own requests. */
import { describe, expect, it } from 'vitest';
import { addressOf, measured, program } from './measured.js';

/** They differ in realloc(block, 0): newlib gives back a block of no bytes, nano frees. */
const libraries = [
  { name: 'newlib', flags: [], emptyBlocks: 1 },
  { name: 'newlib-nano', flags: ['--specs=nano.specs'], emptyBlocks: 0 },
] as const;

const pattern = `
#include <errno.h>
extern char end;
static char *at = &end;
/* 16 KB to give, and no more. */
void *_sbrk(int by)
{
    char *before = at;
    if (at + by > &end + 16384) { errno = ENOMEM; return (void *)-1; }
    at += by;
    return before;
}
volatile uint32_t taken;
void *volatile kept[8];
int main(void)
{
    char *first = _sbrk(0);
    for (int n = 0; n < 8; n++) kept[n] = malloc(100 + n);   /* 828 */
    free(kept[3]);                                           /* 725 */
    kept[3] = calloc(25, 8);                                 /* 925 */
    kept[0] = realloc(kept[0], 1000);                        /* 1825 */
    kept[1] = realloc(kept[1], 10);                          /* 1734 */
    kept[2] = realloc(kept[2], 0); kept[2] = 0;              /* 1632 */
    free(kept[7]); free(0);                                  /* 1525 */
    kept[7] = realloc(0, 50);                                /* 1575 */
    taken = (char *)_sbrk(0) - first;
    return malloc(60000) != 0;
}`;

describe.each(libraries)('the heap of $name', ({ flags, emptyBlocks }) => {
  const run = measured(program(pattern, flags));
  const heap = run.measurements.heap();

  it('has what the program asked for', () => {
    expect(run.stop).toMatchObject({ reason: 'exit', code: 0 });
    expect(heap).toMatchObject({ peakBytes: 1825, liveBytes: 1575, liveBlocks: 7 + emptyBlocks });
    expect(heap).toMatchObject({ failures: 1, errors: [] });
    expect([heap?.allocations, heap?.frees]).toEqual([12 + emptyBlocks, 5]);
  });

  it('took from the system what the break moved', () => {
    expect(heap?.breakPeakBytes).toBe(run.machine.readWord(addressOf(run.elf, 'taken')));
    expect(heap?.breakPeakBytes).toBeGreaterThanOrEqual(1825);
  });

  it('tells double and wild frees', () => {
    const wrong = measured(
      program(
        `
static int local[8];
void *volatile block;
FUNCTION void twice(void) { free(block); __asm volatile(""); }
int main(void)
{
    block = malloc(40); void *volatile other = malloc(8);
    (void)other;
    twice(); twice();
    free(&local[4]);
    return 0;
}`,
        flags,
      ),
    );
    const block = wrong.machine.readWord(addressOf(wrong.elf, 'block'));
    const errors = wrong.measurements.heap()?.errors ?? [];
    expect(errors[0]).toMatchObject({ kind: 'double-free', address: block });
    expect(errors[0]?.chain.slice(0, 3)).toEqual(['Reset_Handler', 'main', 'twice']);
    expect(errors[1]).toMatchObject({ kind: 'wild-free', address: addressOf(wrong.elf, 'local') + 16 });
    expect(errors).toHaveLength(2);
  });
});

describe('a program', () => {
  it('without an allocator has no heap: null, not 0', () => {
    expect(measured(program('int main(void) { return 0; }')).measurements.heap()).toBeNull();
  });

  it('may have its own, by name', () => {
    const made = program(`
static char pool[1024]; static unsigned used;
FUNCTION void *take(unsigned size) { void *at = pool + used; used += (size + 7) & ~7u; return at; }
FUNCTION void give(void *block) { (void)block; __asm volatile(""); }
int main(void) { void *a = take(30); void *b = take(50); give(a); take(5); give(b); return 0; }`);
    expect(measured(made).measurements.heap()).toBeNull();
    const run = measured(made, { allocators: [{ allocate: 'take', release: 'give' }] });
    expect(run.measurements.heap()).toMatchObject({
      ...{ peakBytes: 80, liveBytes: 5, liveBlocks: 1, allocations: 3, frees: 2 },
      breakPeakBytes: null,
    });
  });
});
