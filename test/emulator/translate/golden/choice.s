@ An if with an else: compare and branch are one.
f:
  cmp r0, r1
  bls 1f
  mov r0, r1
  b 2f
1:
  lsls r0, r0, #1
2:
  bx lr
