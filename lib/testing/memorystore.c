/* SPDX-License-Identifier: MIT */
#include <roleauth_testing.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct item {
    roleauth_area area;
    char *name;
    void *bytes;
    size_t length;
    int64_t expires;
    struct item *next;
};

struct memory {
    pthread_mutex_t items_mutex; /* held within one call */
    pthread_mutex_t state_mutex; /* held from lock to unlock */
    struct item *items;
};

static struct item **find(struct memory *memory, roleauth_area area,
                          const char *name)
{
    struct item **at = &memory->items;

    while (*at != NULL &&
           ((*at)->area != area || strcmp((*at)->name, name) != 0))
        at = &(*at)->next;
    return at;
}

static void free_item(struct item *item)
{
    if (item == NULL)
        return;
    if (item->bytes != NULL)
        explicit_bzero(item->bytes, item->length);
    free(item->bytes);
    free(item->name);
    free(item);
}

static void drop(struct item **at)
{
    struct item *item = *at;

    if (item == NULL)
        return;
    *at = item->next;
    free_item(item);
}

static struct item *make(roleauth_area area, const char *name,
                         const void *bytes, size_t length, int64_t expires)
{
    struct item *item = calloc(1, sizeof(*item));

    if (item == NULL)
        return NULL;
    item->area = area;
    item->expires = expires;
    item->length = length;
    item->name = strdup(name);
    item->bytes = malloc(length > 0 ? length : 1);
    if (item->name == NULL || item->bytes == NULL) {
        free_item(item);
        return NULL;
    }
    if (length > 0)
        memcpy(item->bytes, bytes, length);
    return item;
}

static int memory_read(void *data, roleauth_area area, const char *name,
                       void *buffer, size_t size, size_t *length,
                       roleauth_error *error)
{
    struct memory *memory = data;
    const struct item *item;
    int rc = 0;

    (void)error;
    (void)pthread_mutex_lock(&memory->items_mutex);
    item = *find(memory, area, name);
    if (item == NULL) {
        rc = ROLEAUTH_E_NOT_FOUND;
    } else if (item->length > size) {
        rc = ROLEAUTH_E_LIMIT;
    } else {
        memcpy(buffer, item->bytes, item->length);
        *length = item->length;
    }
    (void)pthread_mutex_unlock(&memory->items_mutex);
    return rc;
}

static int memory_write(void *data, roleauth_area area, const char *name,
                        const void *bytes, size_t length, int64_t expires,
                        roleauth_error *error)
{
    struct memory *memory = data;
    struct item *item = make(area, name, bytes, length, expires);

    (void)error;
    if (item == NULL)
        return ROLEAUTH_E_NOMEM;
    (void)pthread_mutex_lock(&memory->items_mutex);
    drop(find(memory, area, name));
    item->next = memory->items;
    memory->items = item;
    (void)pthread_mutex_unlock(&memory->items_mutex);
    return 0;
}

static int memory_create(void *data, roleauth_area area, const char *name,
                         const void *bytes, size_t length,
                         roleauth_error *error)
{
    struct memory *memory = data;
    struct item *item = make(area, name, bytes, length, 0);

    (void)error;
    if (item == NULL)
        return ROLEAUTH_E_NOMEM;
    (void)pthread_mutex_lock(&memory->items_mutex);
    if (*find(memory, area, name) == NULL) {
        item->next = memory->items;
        memory->items = item;
        item = NULL;
    }
    (void)pthread_mutex_unlock(&memory->items_mutex);
    free_item(item);
    return 0;
}

static int memory_remove(void *data, roleauth_area area, const char *name,
                         roleauth_error *error)
{
    struct memory *memory = data;

    (void)error;
    (void)pthread_mutex_lock(&memory->items_mutex);
    drop(find(memory, area, name));
    (void)pthread_mutex_unlock(&memory->items_mutex);
    return 0;
}

static void free_items(struct item *items)
{
    while (items != NULL) {
        struct item *next = items->next;

        free_item(items);
        items = next;
    }
}

/* The names as they are now, so that each may remove them.  False: out of
 * memory. */
static bool copy_names(struct memory *memory, roleauth_area area,
                       struct item **copies)
{
    bool complete = true;

    *copies = NULL;
    (void)pthread_mutex_lock(&memory->items_mutex);
    for (const struct item *i = memory->items; i != NULL; i = i->next) {
        struct item *copy;

        if (i->area != area)
            continue;
        copy = make(area, i->name, "", 0, i->expires);
        if (copy == NULL) {
            complete = false;
            break;
        }
        copy->next = *copies;
        *copies = copy;
    }
    (void)pthread_mutex_unlock(&memory->items_mutex);
    return complete;
}

static int memory_list(void *data, roleauth_area area,
                       void (*each)(void *each_data, const char *name,
                                    int64_t expires),
                       void *each_data, roleauth_error *error)
{
    struct item *copies;
    bool complete = copy_names(data, area, &copies);

    (void)error;
    for (const struct item *i = copies; complete && i != NULL; i = i->next)
        each(each_data, i->name, i->expires);
    free_items(copies);
    return complete ? 0 : ROLEAUTH_E_NOMEM;
}

static int memory_lock(void *data, roleauth_error *error)
{
    struct memory *memory = data;

    (void)error;
    return pthread_mutex_lock(&memory->state_mutex) == 0 ? 0 : ROLEAUTH_E_IO;
}

static void memory_unlock(void *data)
{
    struct memory *memory = data;

    (void)pthread_mutex_unlock(&memory->state_mutex);
}

static void memory_release(void *data)
{
    struct memory *memory = data;

    while (memory->items != NULL)
        drop(&memory->items);
    (void)pthread_mutex_destroy(&memory->items_mutex);
    (void)pthread_mutex_destroy(&memory->state_mutex);
    free(memory);
}

int roleauth_memory_store(roleauth_store *store)
{
    struct memory *memory;

    if (store == NULL)
        return ROLEAUTH_E_ARGUMENT;
    memory = calloc(1, sizeof(*memory));
    memset(store, 0, sizeof(*store));
    if (memory == NULL)
        return ROLEAUTH_E_NOMEM;
    (void)pthread_mutex_init(&memory->items_mutex, NULL);
    (void)pthread_mutex_init(&memory->state_mutex, NULL);
    store->read = memory_read;
    store->write = memory_write;
    store->create = memory_create;
    store->remove = memory_remove;
    store->list = memory_list;
    store->lock = memory_lock;
    store->unlock = memory_unlock;
    store->release = memory_release;
    store->data = memory;
    return 0;
}
