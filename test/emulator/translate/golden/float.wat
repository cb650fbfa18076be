(module
  (type (;0;) (func (param i32 i32 i64) (result i32 i64)))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i32 i32) (result i32)))
  (type (;3;) (func (param i32 i32 i32) (result i32)))
  (type (;4;) (func (param i32 i32 i32 i32) (result i32)))
  (import "environment" "memory" (memory (;0;) 22 22))
  (import "environment" "table" (table (;0;) 1 funcref))
  (func (;0;) (type 0) (param i32 i32 i64) (result i32 i64)
    (local i32 i32 i32 f32 f32 f64 f64 f64 f64 i32 i64 i64 i64 i32 i32 i32 i32 i32 f32 f32 f32 f32 f32 i32 i32 i32 i32)
    (local.set 6
      (f32.load offset=64
        (i32.const 0)))
    (local.set 7
      (f32.load offset=68
        (i32.const 0)))
    (local.set 21
      (f32.load offset=72
        (i32.const 0)))
    (local.set 22
      (f32.load offset=76
        (i32.const 0)))
    (local.set 29
      (i32.load offset=56
        (i32.const 0)))
    (block  ;; label = @1
      (block  ;; label = @2
        (if  ;; label = @3
          (i32.eq
            (local.get 0)
            (i32.const -1))
          (then
            (br 1 (;@2;))))
        (unreachable))
      (if  ;; label = @2
        (i64.lt_s
          (local.get 2)
          (i64.const 0))
        (then
          (local.set 3
            (i32.const 134217800))
          (br 1 (;@1;))))
      (local.set 8
        (local.tee 11
          (f64.mul
            (local.tee 9
              (f64.promote_f32
                (local.get 6)))
            (local.tee 10
              (f64.promote_f32
                (local.get 7))))))
      (local.set 12
        (local.tee 17
          (i32.shl
            (local.tee 16
              (i32.wrap_i64
                (local.tee 15
                  (i64.shr_u
                    (local.tee 13
                      (i64.reinterpret_f64
                        (local.get 8)))
                    (local.tee 14
                      (i64.extend_i32_u
                        (i32.const 32)))))))
            (i32.const 1))))
      (block  ;; label = @2
        (block  ;; label = @3
          (br_if 0 (;@3;)
            (local.tee 19
              (i32.lt_u
                (local.tee 18
                  (i32.add
                    (local.get 12)
                    (i32.const -1)))
                (i32.const 1881145343))))
          (br_if 1 (;@2;)
            (i32.eqz
              (local.tee 20
                (i32.ge_u
                  (local.get 12)
                  (i32.const -1881145346))))))
        (local.set 3
          (i32.const 134217800))
        (br 1 (;@1;)))
      (local.set 23
        (local.tee 25
          (f32.add
            (local.get 22)
            (local.tee 24
              (f32.demote_f64
                (local.get 8))))))
      (if  ;; label = @2
        (local.tee 28
          (i32.ge_u
            (local.tee 27
              (i32.shl
                (local.tee 26
                  (i32.reinterpret_f32
                    (local.get 23)))
                (i32.const 1)))
            (i32.const -16777216)))
        (then
          (local.set 21
            (local.get 24))
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 4294967297)))
          (i32.store offset=288
            (i32.const 0)
            (i32.const 1))
          (local.set 3
            (i32.const 134217805))
          (br 1 (;@1;))))
      (if  ;; label = @2
        (i32.ge_u
          (i32.sub
            (i32.rotr
              (local.get 29)
              (i32.const 1))
            (i32.const -2147483648))
          (i32.const 2013265920))
        (then
          (local.get 24)
          (local.set 22
            (local.get 23))
          (local.set 21)
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 12884901890)))
          (i32.store offset=288
            (i32.const 0)
            (i32.const 2))
          (local.set 3
            (i32.const 134217809))
          (br 1 (;@1;))))
      (local.set 3
        (i32.sub
          (local.get 29)
          (i32.const 1)))
      (local.get 24)
      (local.set 22
        (local.get 23))
      (local.set 21)
      (local.set 2
        (i64.sub
          (local.get 2)
          (i64.const 25769803779)))
      (br 0 (;@1;))
      (unreachable))
    (f32.store offset=72
      (i32.const 0)
      (local.get 21))
    (f32.store offset=76
      (i32.const 0)
      (local.get 22))
    (local.get 3)
    (local.get 2))
  (export "unit0" (func 0)))
