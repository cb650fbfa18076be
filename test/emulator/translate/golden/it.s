@ An IT block: one decision for both of its instructions.
f:
  cmp r0, #0
  ite lt
  rsblt r0, r0, #0
  addge r0, r0, r1
  bx lr
