/* Branches that are hard to foresee: a scanner of made-up text, whose states are a dense switch (TBB), and a
 * little stack machine, whose operations are called through a table (BLX). */
#include "bench.h"

#define TEXT_BYTES 4096u
#define CODE_BYTES 2048u
#define STACK_WORDS 16u

typedef enum { BETWEEN, NAME, NUMBER, FRACTION, STRING, ESCAPE, COMMENT, OPERATOR } scanner_state;

static char text[TEXT_BYTES];
static uint8_t code[CODE_BYTES];
static uint32_t stack[STACK_WORDS];
static uint32_t top;
static uint32_t counts[8];

static void make_input(uint32_t *random)
{
    static const char letters[] = "ab cz_ 019.5 \"x\\\" #\n+-*/ =q7 k\t";
    for (uint32_t i = 0; i < TEXT_BYTES; i++) {
        text[i] = letters[(next_random(random) >> 20) % (sizeof letters - 1u)];
    }
    for (uint32_t i = 0; i < CODE_BYTES; i++) {
        code[i] = (uint8_t)(next_random(random) >> 24);
    }
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static scanner_state begin(char c)
{
    if (is_letter(c)) {
        return NAME;
    }
    if (is_digit(c)) {
        return NUMBER;
    }
    switch (c) {
    case '"':
        return STRING;
    case '#':
        return COMMENT;
    case '+':
    case '-':
    case '*':
    case '/':
    case '=':
        return OPERATOR;
    default:
        return BETWEEN;
    }
}

static scanner_state next_state(scanner_state state, char c)
{
    switch (state) {
    case NAME:
        return is_letter(c) || is_digit(c) ? NAME : begin(c);
    case NUMBER:
        return is_digit(c) ? NUMBER : c == '.' ? FRACTION : begin(c);
    case FRACTION:
        return is_digit(c) ? FRACTION : begin(c);
    case STRING:
        return c == '\\' ? ESCAPE : c == '"' ? BETWEEN : STRING;
    case ESCAPE:
        return STRING;
    case COMMENT:
        return c == '\n' ? BETWEEN : COMMENT;
    case OPERATOR:
        return c == '=' ? OPERATOR : begin(c);
    case BETWEEN:
    default:
        return begin(c);
    }
}

/* The switch leaves a state by a different way each time; counts tell which states were seen. */
static void scan(void)
{
    scanner_state state = BETWEEN;
    for (uint32_t i = 0; i < TEXT_BYTES; i++) {
        state = next_state(state, text[i]);
        counts[state]++;
    }
}

static void push(uint32_t value)
{
    stack[top & (STACK_WORDS - 1u)] = value;
    top++;
}

static uint32_t pop(void)
{
    top--;
    return stack[top & (STACK_WORDS - 1u)];
}

static void op_push(uint32_t operand) { push(operand * 0x01010101u); }
static void op_add(uint32_t operand) { push(pop() + pop() + operand); }
static void op_subtract(uint32_t operand) { push(pop() - pop() - operand); }
static void op_multiply(uint32_t operand) { push(pop() * (pop() | 1u) + operand); }
static void op_shift(uint32_t operand) { push(pop() >> (operand & 7u)); }
static void op_exchange(uint32_t operand) { push(pop() ^ (pop() << (operand & 15u))); }
static void op_double(uint32_t operand) { const uint32_t value = pop(); push(value); push(value + operand); }
static void op_drop(uint32_t operand) { push(pop() & ~operand); (void)pop(); }

static void interpret(void)
{
    static void (*const operations[8])(uint32_t) = {
        op_push, op_add, op_subtract, op_multiply, op_shift, op_exchange, op_double, op_drop,
    };
    for (uint32_t i = 0; i < CODE_BYTES; i++) {
        operations[code[i] & 7u](code[i] >> 3);
    }
}

uint32_t bench_run(uint32_t repeat)
{
    uint32_t random = 11u;
    uint32_t checksum = CHECKSUM_START;
    make_input(&random);
    for (uint32_t round = 0; round < repeat; round++) {
        text[(next_random(&random) >> 16) % TEXT_BYTES] = (char)('a' + round % 26u);
        code[(next_random(&random) >> 16) % CODE_BYTES] = (uint8_t)round;
        scan();
        interpret();
        checksum = checksum_add(checksum, stack[round & (STACK_WORDS - 1u)]);
    }
    for (uint32_t i = 0; i < 8u; i++) {
        checksum = checksum_add(checksum, counts[i]);
    }
    return checksum;
}
