@ A loop whose number of turns shows ahead: a test, turns without tests, and the loop turn by turn.
f:
1:
  ldr r2, [r0], #4
  str r2, [r1], #4
  cmp r0, r3
  bne 1b
  bx lr
