@ A call: registers in memory around it, and the pc that comes back is compared.
f:
  push {r4, lr}
  mov r4, r0
  bl g
  add r0, r0, r4
  pop {r4, pc}
  .thumb_func
  .type g, %function
g:
  lsls r0, r0, #2
  bx lr
  .size g, . - g
