(module
  (type (;0;) (func (param i32 i32 i64) (result i32 i64)))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i32 i32) (result i32)))
  (type (;3;) (func (param i32 i32 i32) (result i32)))
  (type (;4;) (func (param i32 i32 i32 i32) (result i32)))
  (import "environment" "memory" (memory (;0;) 22 22))
  (import "environment" "table" (table (;0;) 1 funcref))
  (func (;0;) (type 0) (param i32 i32 i64) (result i32 i64)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local.set 6
      (i32.load
        (i32.const 0)))
    (local.set 9
      (i32.load offset=192
        (i32.const 0)))
    (local.set 10
      (i32.load offset=196
        (i32.const 0)))
    (local.set 13
      (i32.load offset=4
        (i32.const 0)))
    (local.set 14
      (i32.load offset=56
        (i32.const 0)))
    (local.set 7
      (i32.add
        (i32.mul
          (i32.load offset=204
            (i32.const 0))
          (i32.const 2147483647))
        (i32.load offset=200
          (i32.const 0))))
    (local.set 8
      (i32.sub
        (i32.const 1)
        (i32.shl
          (i32.and
            (i32.load offset=204
              (i32.const 0))
            (i32.xor
              (i32.load offset=200
                (i32.const 0))
              (i32.const 1)))
          (i32.const 1))))
    (block  ;; label = @1
      (block  ;; label = @2
        (if  ;; label = @3
          (i32.eq
            (local.get 0)
            (i32.const -1))
          (then
            (br 1 (;@2;))))
        (unreachable))
      (block  ;; label = @2
        (if  ;; label = @3
          (i64.lt_s
            (local.get 2)
            (i64.const 0))
          (then
            (local.set 3
              (i32.const 134217800))
            (br 2 (;@1;))))
        (local.tee 11
          (i32.lt_s
            (local.get 6)
            (i32.const 0)))
        (local.get 6)
        (local.get 6)
        (local.get 6)
        (local.set 8
          (i32.const 0))
        (local.set 7)
        (local.set 10)
        (local.set 9)
        (if  ;; label = @3
          (then
            (local.set 6
              (local.tee 12
                (i32.add
                  (local.tee 11
                    (i32.xor
                      (local.get 6)
                      (i32.const -1)))
                  (i32.const 1))))
            (local.set 2
              (i64.sub
                (local.get 2)
                (i64.const 8589934595)))
            (br 1 (;@2;))))
        (local.set 2
          (i64.sub
            (local.get 2)
            (i64.const 8589934595)))
        (if  ;; label = @3
          (i32.ge_u
            (i32.sub
              (i32.rotr
                (local.get 14)
                (i32.const 1))
              (i32.const -2147483648))
            (i32.const 2013265920))
          (then
            (local.set 6
              (i32.add
                (local.get 6)
                (local.get 13)))
            (local.set 2
              (i64.sub
                (local.get 2)
                (i64.const 4294967297)))
            (i32.store offset=288
              (i32.const 0)
              (i32.const 2))
            (local.set 3
              (i32.const 134217809))
            (br 2 (;@1;))))
        (local.set 3
          (i32.sub
            (local.get 14)
            (i32.const 1)))
        (local.set 6
          (local.tee 11
            (i32.add
              (local.get 6)
              (local.get 13))))
        (local.set 2
          (i64.sub
            (local.get 2)
            (i64.const 17179869186)))
        (br 1 (;@1;)))
      (if  ;; label = @2
        (i32.ge_u
          (i32.sub
            (i32.rotr
              (local.get 14)
              (i32.const 1))
            (i32.const -2147483648))
          (i32.const 2013265920))
        (then
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 4294967297)))
          (i32.store offset=288
            (i32.const 0)
            (i32.const 1))
          (local.set 3
            (i32.const 134217809))
          (br 1 (;@1;))))
      (local.set 3
        (i32.sub
          (local.get 14)
          (i32.const 1)))
      (local.set 2
        (i64.sub
          (local.get 2)
          (i64.const 17179869186)))
      (br 0 (;@1;))
      (unreachable))
    (i32.store offset=192
      (i32.const 0)
      (local.get 9))
    (i32.store offset=196
      (i32.const 0)
      (local.get 10))
    (i32.store
      (i32.const 0)
      (local.get 6))
    (i32.store offset=200
      (i32.const 0)
      (i32.ge_u
        (local.get 7)
        (local.get 8)))
    (i32.store offset=204
      (i32.const 0)
      (i32.shr_u
        (i32.and
          (i32.xor
            (local.get 7)
            (local.get 8))
          (i32.xor
            (local.get 7)
            (i32.sub
              (local.get 7)
              (local.get 8))))
        (i32.const 31)))
    (local.get 3)
    (local.get 2))
  (export "unit0" (func 0)))
