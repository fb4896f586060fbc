/* SPDX-License-Identifier: MIT */
/* An allocator that fails when it is told to, for one program: malloc(3) and
 * the others, replaced as glibc documents it.  The sanitizers and valgrind(1)
 * put their own in its place: ask heap_can_fail().  To be included behind
 * cmocka.h. */
#ifndef TESTS_SUPPORT_HEAP_H
#define TESTS_SUPPORT_HEAP_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_OWN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define HEAP_OWN 0
#else
#define HEAP_OWN 1
#endif
#else
#define HEAP_OWN 1
#endif

/* volatile: compilers know that malloc(3) changes no variable. */
static volatile struct {
    bool armed;
    unsigned long count, fail_at;
    long live; /* pieces that are not freed */
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

static inline bool heap_can_fail(void)
{
    void *volatile piece;
    bool failed;

    heap_arm(1);
    piece = malloc(1);
    failed = heap_disarm();
    free(piece);
    return failed;
}

#if HEAP_OWN

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
    void (*free_fn)(void *old);
};

static void heap_find(union heap_symbol *symbol, const char *name)
{
    if (symbol->object == NULL)
        symbol->object = dlsym(RTLD_NEXT, name);
}

/* For the libraries too, although the build hides names.  reallocarray(3) of
 * glibc asks realloc(3). */
#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    static union heap_symbol real;

    void *made;

    heap_find(&real, "malloc");
    made = heap_must_fail() ? NULL : real.malloc_fn(size);
    heap.live += made != NULL;
    return made;
}

void *calloc(size_t count, size_t size)
{
    static union heap_symbol real;

    void *made;

    heap_find(&real, "calloc");
    made = heap_must_fail() ? NULL : real.calloc_fn(count, size);
    heap.live += made != NULL;
    return made;
}

void *realloc(void *old, size_t size)
{
    static union heap_symbol real;

    void *made;

    heap_find(&real, "realloc");
    made = heap_must_fail() ? NULL : real.realloc_fn(old, size);
    heap.live += made != NULL && old == NULL;
    return made;
}

void free(void *old)
{
    static union heap_symbol real;

    heap_find(&real, "free");
    heap.live -= old != NULL;
    real.free_fn(old);
}

#pragma GCC visibility pop

#endif

#endif
