@ A loop with two ways in: a router becomes its head.
f:
  cmp r0, #0
  beq 2f
1:
  subs r1, r1, #1
  beq 3f
2:
  subs r1, r1, #2
  bpl 1b
3:
  bx lr
