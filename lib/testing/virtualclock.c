/* SPDX-License-Identifier: MIT */
#include <roleauth_testing.h>

#include <string.h>

#define NOON_OF_2026_06_01 1780315200
#define HOUR 3600

void roleauth_virtual_clock_init(roleauth_virtual_clock *virtual_clock)
{
    if (virtual_clock == NULL)
        return;
    memset(virtual_clock, 0, sizeof(*virtual_clock));
    virtual_clock->time.realtime.tv_sec = NOON_OF_2026_06_01;
    virtual_clock->time.boottime.tv_sec = HOUR;
    memset(virtual_clock->time.boot_id, 1, sizeof(virtual_clock->time.boot_id));
}

void roleauth_virtual_clock_advance(roleauth_virtual_clock *virtual_clock,
                                    long seconds)
{
    if (virtual_clock == NULL)
        return;
    virtual_clock->time.realtime.tv_sec += seconds;
    virtual_clock->time.boottime.tv_sec += seconds;
}

void roleauth_virtual_clock_reboot(roleauth_virtual_clock *virtual_clock,
                                   long seconds)
{
    if (virtual_clock == NULL)
        return;
    virtual_clock->time.realtime.tv_sec += seconds;
    virtual_clock->time.boottime.tv_sec = 1;
    virtual_clock->time.boot_id[0]++;
}

static int now(void *data, roleauth_time *time)
{
    const roleauth_virtual_clock *virtual_clock = data;

    *time = virtual_clock->time;
    return virtual_clock->broken ? -1 : 0;
}

roleauth_clock
roleauth_virtual_clock_seam(roleauth_virtual_clock *virtual_clock)
{
    const roleauth_clock seam = {now, virtual_clock};
    const roleauth_clock none = {NULL, NULL};

    return virtual_clock != NULL ? seam : none;
}
