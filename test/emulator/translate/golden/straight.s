@ One block: an access range checked once, flags of the last comparison kept as its operands.
f:
  ldr r2, [r0, #4]
  ldr r3, [r0, #8]
  adds r2, r2, r3
  str r2, [r0, #12]
  cmp r2, r1
  bx lr
