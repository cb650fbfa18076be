@ A loop in a loop.
f:
1:
  mov r2, r1
2:
  subs r2, r2, #3
  bhi 2b
  subs r0, r0, #1
  bne 1b
  bx lr
