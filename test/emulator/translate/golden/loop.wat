(module
  (type (;0;) (func (param i32 i32 i64) (result i32 i64)))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i32 i32) (result i32)))
  (type (;3;) (func (param i32 i32 i32) (result i32)))
  (type (;4;) (func (param i32 i32 i32 i32) (result i32)))
  (import "environment" "memory" (memory (;0;) 22 22))
  (import "environment" "table" (table (;0;) 1 funcref))
  (func (;0;) (type 0) (param i32 i32 i64) (result i32 i64)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local.set 7
      (i32.load
        (i32.const 0)))
    (local.set 8
      (i32.load offset=12
        (i32.const 0)))
    (local.set 11
      (i32.load offset=4
        (i32.const 0)))
    (local.set 14
      (i32.load offset=8
        (i32.const 0)))
    (local.set 18
      (i32.load offset=192
        (i32.const 0)))
    (local.set 19
      (i32.load offset=196
        (i32.const 0)))
    (local.set 28
      (i32.load offset=56
        (i32.const 0)))
    (local.set 16
      (i32.add
        (i32.mul
          (i32.load offset=204
            (i32.const 0))
          (i32.const 2147483647))
        (i32.load offset=200
          (i32.const 0))))
    (local.set 17
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
      (loop  ;; label = @2
        (block  ;; label = @3
          (if  ;; label = @4
            (i64.lt_s
              (local.get 2)
              (i64.const 0))
            (then
              (local.set 3
                (i32.const 134217800))
              (br 3 (;@1;))))
          (if  ;; label = @4
            (i32.and
              (i32.and
                (i32.and
                  (i32.and
                    (i32.and
                      (i32.and
                        (i32.and
                          (i32.and
                            (i32.eqz
                              (i32.and
                                (local.tee 6
                                  (i32.sub
                                    (i32.const 0)
                                    (i32.add
                                      (i32.sub
                                        (local.get 7)
                                        (local.get 8))
                                      (i32.const 4))))
                                (i32.const 3)))
                            (i32.lt_u
                              (local.tee 6
                                (i32.shr_u
                                  (local.get 6)
                                  (i32.const 2)))
                              (i32.const 262144)))
                          (i32.lt_u
                            (local.tee 9
                              (i32.add
                                (local.get 7)
                                (i32.const -536870912)))
                            (i32.const 327677)))
                        (i32.eqz
                          (i32.and
                            (local.get 9)
                            (i32.const 3))))
                      (i32.lt_u
                        (i32.add
                          (local.get 9)
                          (i32.mul
                            (local.get 6)
                            (i32.const 4)))
                        (i32.const 327677)))
                    (i32.lt_u
                      (local.tee 10
                        (i32.add
                          (local.get 11)
                          (i32.const -536870912)))
                      (i32.const 327677)))
                  (i32.eqz
                    (i32.and
                      (local.get 10)
                      (i32.const 3))))
                (i32.lt_u
                  (i32.add
                    (local.get 10)
                    (i32.mul
                      (local.get 6)
                      (i32.const 4)))
                  (i32.const 327677)))
              (i32.eqz
                (i64.lt_s
                  (i64.sub
                    (local.get 2)
                    (i64.mul
                      (i64.add
                        (i64.extend_i32_u
                          (local.get 6))
                        (i64.const 1))
                      (i64.const 25769803780)))
                  (i64.const 0))))
            (then
              (loop  ;; label = @5
                (local.set 13
                  (i32.load offset=512
                    (local.tee 12
                      (i32.add
                        (local.get 7)
                        (i32.const -536870912)))))
                (i32.store offset=512
                  (local.tee 15
                    (i32.add
                      (local.get 11)
                      (i32.const -536870912)))
                  (local.get 13))
                (local.tee 21
                  (i32.ne
                    (local.tee 20
                      (i32.add
                        (local.get 7)
                        (i32.const 4)))
                    (local.get 8)))
                (local.get 20)
                (local.get 13)
                (local.tee 22
                  (i32.add
                    (local.get 11)
                    (i32.const 4)))
                (local.tee 23
                  (i32.sub
                    (local.get 20)
                    (local.get 8)))
                (local.get 23)
                (local.get 20)
                (local.set 17
                  (local.get 8))
                (local.set 16)
                (local.set 19)
                (local.set 18)
                (local.set 11)
                (local.set 14)
                (local.set 7)
                (if  ;; label = @6
                  (then
                    (br 1 (;@5;)))))
              (local.set 2
                (i64.sub
                  (local.get 2)
                  (i64.mul
                    (i64.extend_i32_u
                      (local.get 6))
                    (i64.const 25769803780))))
              (local.set 2
                (i64.sub
                  (local.get 2)
                  (i64.const 21474836484)))
              (br 1 (;@3;))))
          (if  ;; label = @4
            (i32.ge_u
              (local.tee 13
                (i32.rotr
                  (local.tee 12
                    (i32.add
                      (local.get 7)
                      (i32.const -536870912)))
                  (i32.const 2)))
              (i32.const 81920))
            (then
              (local.set 3
                (i32.const 134217800))
              (br 3 (;@1;))))
          (local.set 20
            (i32.load offset=512
              (local.tee 15
                (i32.add
                  (local.get 7)
                  (i32.const -536870912)))))
          (if  ;; label = @4
            (i32.ge_u
              (local.tee 22
                (i32.rotr
                  (local.tee 21
                    (i32.add
                      (local.get 11)
                      (i32.const -536870912)))
                  (i32.const 2)))
              (i32.const 81920))
            (then
              (i32.add
                (local.get 7)
                (i32.const 4))
              (local.set 14
                (local.get 20))
              (local.set 7)
              (local.set 2
                (i64.sub
                  (local.get 2)
                  (i64.const 8589934593)))
              (i32.store offset=288
                (i32.const 0)
                (i32.const 1))
              (local.set 3
                (i32.const 134217805))
              (br 3 (;@1;))))
          (i32.store offset=512
            (local.tee 23
              (i32.add
                (local.get 11)
                (i32.const -536870912)))
            (local.get 20))
          (local.tee 25
            (i32.ne
              (local.tee 24
                (i32.add
                  (local.get 7)
                  (i32.const 4)))
              (local.get 8)))
          (local.get 24)
          (local.get 20)
          (local.tee 26
            (i32.add
              (local.get 11)
              (i32.const 4)))
          (local.tee 27
            (i32.sub
              (local.get 24)
              (local.get 8)))
          (local.get 27)
          (local.get 24)
          (local.set 17
            (local.get 8))
          (local.set 16)
          (local.set 19)
          (local.set 18)
          (local.set 11)
          (local.set 14)
          (local.set 7)
          (if  ;; label = @4
            (then
              (local.set 2
                (i64.sub
                  (local.get 2)
                  (i64.const 25769803780)))
              (br 2 (;@2;))))
          (local.set 2
            (i64.sub
              (local.get 2)
              (i64.const 21474836484)))
          (br 0 (;@3;)))
        (if  ;; label = @3
          (i32.ge_u
            (i32.sub
              (i32.rotr
                (local.get 28)
                (i32.const 1))
              (i32.const -2147483648))
            (i32.const 2013265920))
          (then
            (i32.store offset=288
              (i32.const 0)
              (i32.const 2))
            (local.set 3
              (i32.const 134217813))
            (br 2 (;@1;))))
        (local.set 3
          (i32.sub
            (local.get 28)
            (i32.const 1)))
        (local.set 2
          (i64.sub
            (local.get 2)
            (i64.const 12884901889)))
        (br 1 (;@1;)))
      (unreachable))
    (i32.store
      (i32.const 0)
      (local.get 7))
    (i32.store offset=8
      (i32.const 0)
      (local.get 14))
    (i32.store offset=4
      (i32.const 0)
      (local.get 11))
    (i32.store offset=192
      (i32.const 0)
      (local.get 18))
    (i32.store offset=196
      (i32.const 0)
      (local.get 19))
    (i32.store offset=200
      (i32.const 0)
      (i32.ge_u
        (local.get 16)
        (local.get 17)))
    (i32.store offset=204
      (i32.const 0)
      (i32.shr_u
        (i32.and
          (i32.xor
            (local.get 16)
            (local.get 17))
          (i32.xor
            (local.get 16)
            (i32.sub
              (local.get 16)
              (local.get 17))))
        (i32.const 31)))
    (local.get 3)
    (local.get 2))
  (export "unit0" (func 0)))
