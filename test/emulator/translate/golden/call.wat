(module
  (type (;0;) (func (param i32 i32 i64) (result i32 i64)))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i32 i32) (result i32)))
  (type (;3;) (func (param i32 i32 i32) (result i32)))
  (type (;4;) (func (param i32 i32 i32 i32) (result i32)))
  (import "environment" "memory" (memory (;0;) 22 22))
  (import "environment" "table" (table (;0;) 1 funcref))
  (func (;0;) (type 0) (param i32 i32 i64) (result i32 i64)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local.set 6
      (i32.load offset=52
        (i32.const 0)))
    (local.set 7
      (i32.load offset=16
        (i32.const 0)))
    (local.set 8
      (i32.load
        (i32.const 0)))
    (local.set 9
      (i32.load offset=4
        (i32.const 0)))
    (local.set 10
      (i32.load offset=8
        (i32.const 0)))
    (local.set 11
      (i32.load offset=12
        (i32.const 0)))
    (local.set 12
      (i32.load offset=20
        (i32.const 0)))
    (local.set 13
      (i32.load offset=24
        (i32.const 0)))
    (local.set 14
      (i32.load offset=28
        (i32.const 0)))
    (local.set 15
      (i32.load offset=32
        (i32.const 0)))
    (local.set 16
      (i32.load offset=36
        (i32.const 0)))
    (local.set 17
      (i32.load offset=40
        (i32.const 0)))
    (local.set 18
      (i32.load offset=44
        (i32.const 0)))
    (local.set 19
      (i32.load offset=48
        (i32.const 0)))
    (local.set 23
      (i32.load offset=56
        (i32.const 0)))
    (local.set 27
      (i32.load offset=244
        (i32.const 0)))
    (block  ;; label = @1
      (block  ;; label = @2
        (block  ;; label = @3
          (if  ;; label = @4
            (i32.eq
              (local.get 0)
              (i32.const -1))
            (then
              (br 1 (;@3;))))
          (local.set 0
            (i32.const -1))
          (br 1 (;@2;)))
        (if  ;; label = @3
          (i64.lt_s
            (local.get 2)
            (i64.const 0))
          (then
            (local.set 3
              (i32.const 134217800))
            (br 2 (;@1;))))
        (if  ;; label = @3
          (i32.ge_u
            (local.tee 21
              (i32.rotr
                (local.tee 20
                  (i32.add
                    (local.get 6)
                    (i32.const -536870920)))
                (i32.const 2)))
            (i32.const 81919))
          (then
            (local.set 3
              (i32.const 134217800))
            (br 2 (;@1;))))
        (i32.store offset=512
          (local.tee 22
            (i32.add
              (local.get 6)
              (i32.const -536870920)))
          (local.get 7))
        (i32.store offset=512
          (local.tee 24
            (i32.add
              (local.get 6)
              (i32.const -536870916)))
          (local.get 23))
        (local.set 25
          (local.tee 26
            (i32.add
              (local.get 6)
              (i32.const -8))))
        (local.get 25)
        (local.tee 29
          (select
            (local.get 25)
            (local.get 27)
            (local.tee 28
              (i32.lt_u
                (local.get 25)
                (local.get 27)))))
        (local.get 8)
        (local.set 23
          (i32.const 134217809))
        (local.set 7)
        (local.set 27)
        (local.set 6)
        (local.set 3
          (i32.const 134217812))
        (local.set 2
          (i64.sub
            (local.get 2)
            (i64.const 25769803779)))
        (if  ;; label = @3
          (i32.le_s
            (local.get 1)
            (i32.const 49))
          (then
            (br 2 (;@1;))))
        (i32.store offset=52
          (i32.const 0)
          (local.get 6))
        (i32.store offset=244
          (i32.const 0)
          (local.get 27))
        (i32.store offset=16
          (i32.const 0)
          (local.get 7))
        (i32.store offset=56
          (i32.const 0)
          (local.get 23))
        (i32.store
          (i32.const 0)
          (local.get 8))
        (call_indirect (type 0)
          (i32.const -1)
          (i32.sub
            (local.get 1)
            (i32.const 49))
          (local.get 2)
          (i32.const 0))
        (local.set 2)
        (if  ;; label = @3
          (i32.ne
            (local.tee 3)
            (i32.const 134217808))
          (then
            (return
              (local.get 3)
              (local.get 2))))
        (local.set 6
          (i32.load offset=52
            (i32.const 0)))
        (local.set 7
          (i32.load offset=16
            (i32.const 0)))
        (local.set 8
          (i32.load
            (i32.const 0)))
        (local.set 9
          (i32.load offset=4
            (i32.const 0)))
        (local.set 10
          (i32.load offset=8
            (i32.const 0)))
        (local.set 11
          (i32.load offset=12
            (i32.const 0)))
        (local.set 12
          (i32.load offset=20
            (i32.const 0)))
        (local.set 13
          (i32.load offset=24
            (i32.const 0)))
        (local.set 14
          (i32.load offset=28
            (i32.const 0)))
        (local.set 15
          (i32.load offset=32
            (i32.const 0)))
        (local.set 16
          (i32.load offset=36
            (i32.const 0)))
        (local.set 17
          (i32.load offset=40
            (i32.const 0)))
        (local.set 18
          (i32.load offset=44
            (i32.const 0)))
        (local.set 19
          (i32.load offset=48
            (i32.const 0)))
        (local.set 23
          (i32.load offset=56
            (i32.const 0)))
        (local.set 27
          (i32.load offset=244
            (i32.const 0)))
        (br 0 (;@2;)))
      (if  ;; label = @2
        (i64.lt_s
          (local.get 2)
          (i64.const 0))
        (then
          (local.set 3
            (i32.const 134217808))
          (br 1 (;@1;))))
      (if  ;; label = @2
        (i32.ge_u
          (local.tee 21
            (i32.rotr
              (local.tee 20
                (i32.add
                  (local.get 6)
                  (i32.const -536870912)))
              (i32.const 2)))
          (i32.const 81919))
        (then
          (local.set 8
            (i32.add
              (local.get 8)
              (local.get 7)))
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 4294967297)))
          (i32.store offset=288
            (i32.const 0)
            (i32.const 3))
          (local.set 3
            (i32.const 134217811))
          (br 1 (;@1;))))
      (local.set 24
        (i32.load offset=512
          (local.tee 22
            (i32.add
              (local.get 6)
              (i32.const -536870912)))))
      (local.set 26
        (i32.load offset=512
          (local.tee 25
            (i32.add
              (local.get 6)
              (i32.const -536870908)))))
      (local.set 28
        (local.tee 29
          (i32.add
            (local.get 6)
            (i32.const 8))))
      (if  ;; label = @2
        (i32.ge_u
          (i32.sub
            (i32.rotr
              (local.get 26)
              (i32.const 1))
            (i32.const -2147483648))
          (i32.const 2013265920))
        (then
          (local.set 8
            (i32.add
              (local.get 8)
              (local.get 7)))
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 4294967297)))
          (i32.store offset=288
            (i32.const 0)
            (i32.const 3))
          (local.set 3
            (i32.const 134217811))
          (br 1 (;@1;))))
      (local.set 3
        (i32.sub
          (local.get 26)
          (i32.const 1)))
      (local.tee 30
        (i32.add
          (local.get 8)
          (local.get 7)))
      (local.get 28)
      (local.tee 32
        (select
          (local.get 28)
          (local.get 27)
          (local.tee 31
            (i32.lt_u
              (local.get 28)
              (local.get 27)))))
      (local.set 7
        (local.get 24))
      (local.set 27)
      (local.set 6)
      (local.set 8)
      (local.set 2
        (i64.sub
          (local.get 2)
          (i64.const 25769803778)))
      (br 0 (;@1;))
      (unreachable))
    (i32.store offset=52
      (i32.const 0)
      (local.get 6))
    (i32.store offset=244
      (i32.const 0)
      (local.get 27))
    (i32.store offset=16
      (i32.const 0)
      (local.get 7))
    (i32.store offset=56
      (i32.const 0)
      (local.get 23))
    (i32.store
      (i32.const 0)
      (local.get 8))
    (local.get 3)
    (local.get 2))
  (func (;1;) (type 0) (param i32 i32 i64) (result i32 i64)
    (i32.const 134217812)
    (local.get 2))
  (export "unit0" (func 0))
  (export "comeBack134217812" (func 1)))
