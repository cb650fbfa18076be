@ Multiply and add: a product in double precision, and what leaves.
f:
  vmul.f32 s2, s0, s1
  vadd.f32 s3, s3, s2
  bx lr
