/* SPDX-License-Identifier: MIT */
/* An allocator that fails when it is told to, for one program: malloc(3) and
 * the others, replaced as glibc documents it.  What is replaced is found by
 * dlsym(3), so that valgrind(1) sees it too.  The sanitizers have their own,
 * so that there HEAP_CAN_FAIL is 0.  To be included behind cmocka.h. */
#ifndef TESTS_SUPPORT_HEAP_H
#define TESTS_SUPPORT_HEAP_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_CAN_FAIL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define HEAP_CAN_FAIL 0
#else
#define HEAP_CAN_FAIL 1
#endif
#else
#define HEAP_CAN_FAIL 1
#endif

static struct {
    bool armed;
    unsigned long count, fail_at;
} heap;

/* The fail_at-th allocation from now on fails; counted from 1. */
static inline void heap_arm(unsigned long fail_at)
{
    heap.count = 0;
    heap.fail_at = fail_at;
    heap.armed = true;
}

/* Did one fail since heap_arm()? */
static inline bool heap_disarm(void)
{
    heap.armed = false;
    return heap.count >= heap.fail_at;
}

#if HEAP_CAN_FAIL

static bool heap_must_fail(void)
{
    if (!heap.armed || ++heap.count != heap.fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

/* ISO C has no conversion from void * to a function: POSIX dlsym(3). */
union heap_symbol {
    void *object;
    void *(*malloc_fn)(size_t size);
    void *(*calloc_fn)(size_t count, size_t size);
    void *(*realloc_fn)(void *old, size_t size);
    void *(*array_fn)(void *old, size_t count, size_t size);
};

static void heap_find(union heap_symbol *symbol, const char *name)
{
    if (symbol->object == NULL)
        symbol->object = dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size)
{
    static union heap_symbol real;

    heap_find(&real, "malloc");
    return heap_must_fail() ? NULL : real.malloc_fn(size);
}

void *calloc(size_t count, size_t size)
{
    static union heap_symbol real;

    heap_find(&real, "calloc");
    return heap_must_fail() ? NULL : real.calloc_fn(count, size);
}

void *realloc(void *old, size_t size)
{
    static union heap_symbol real;

    heap_find(&real, "realloc");
    return heap_must_fail() ? NULL : real.realloc_fn(old, size);
}

/* Does not go through a realloc(3) that is replaced. */
void *reallocarray(void *old, size_t count, size_t size)
{
    static union heap_symbol real;

    heap_find(&real, "reallocarray");
    return heap_must_fail() ? NULL : real.array_fn(old, count, size);
}

#endif

#endif
