/* SPDX-License-Identifier: MIT */
/* What the files of `roleauth schedule` share. */
#ifndef ROLEAUTH_SCHEDULE_H
#define ROLEAUTH_SCHEDULE_H

#include <sys/types.h>

#include "tool.h"

/* Fills *error and returns code.  file: the path that it is about, or NULL. */
int schedule_fail(roleauth_error *error, int code, const char *file,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for what errno says; what: "open", "write" ... */
int schedule_fail_errno(roleauth_error *error, int number, const char *file,
                        const char *what);

/* ---- schedule_tree.c: files below "/" or the directory of --root ---- */

/* Paths in a tree start with a slash, below the root.  No symbolic link is
 * followed below the root, and without --root no directory is used that
 * others can write. */
struct tree {
    const char *root; /* --root; NULL: the machine itself */
    int fd;           /* of the root */
    bool makes;       /* directories that are missing are made */
    json_t *made;     /* the paths of those that were, in order */
};

enum entry_kind { ENTRY_ABSENT, ENTRY_FILE, ENTRY_LINK };

struct entry {
    enum entry_kind kind;
    char *text; /* of a file; where a link leads; for free(3) */
    size_t length;
    mode_t mode;
    uid_t owner;
    gid_t group;
};

int tree_open(struct tree *tree, const char *root, bool makes,
              roleauth_error *error);
void tree_close(struct tree *tree);
/* Is path one that the calls below take?  option: what gave it. */
int tree_check_path(const char *path, const char *option,
                    roleauth_error *error);
/* The path as other programs see it, for free(3); NULL: out of memory. */
char *tree_outside(const struct tree *tree, const char *path);
/* Opens the directory that path is in; *fd is -1 when it is absent and the
 * tree makes none. */
int tree_parent(struct tree *tree, const char *path, int *fd, const char **name,
                roleauth_error *error);
/* Reads a file of at most max bytes, or a link.  Anything else is an error. */
int tree_read(struct tree *tree, const char *path, size_t max,
              struct entry *entry, roleauth_error *error);
void entry_free(struct entry *entry);
/* Replaces a file as a whole, or makes it; like: whose mode and owner it gets
 * (its kind and text do not count). */
int tree_write(struct tree *tree, const char *path, const char *text,
               size_t length, const struct entry *like, roleauth_error *error);
/* Makes a symbolic link where nothing is. */
int tree_link(struct tree *tree, const char *path, const char *target,
              roleauth_error *error);
/* That it is absent is no error. */
int tree_remove(struct tree *tree, const char *path, roleauth_error *error);
/* Removes directories as far as they are empty, the last one first. */
void tree_remove_directories(struct tree *tree, const json_t *paths);

/* ---- schedule_splice.c: changing members of a JSON text ---- */

/* Sets a member of the object that text is, or removes it (value: NULL), and
 * leaves all else as it stands.  For free(3); NULL: out of memory, or the text
 * is not such an object. */
char *splice_member(const char *text, const char *key, const json_t *value);

/* ---- schedule_config.c: the triggers in the configuration ---- */

/* The keys of the triggers; ends in NULL. */
extern const char *const trigger_keys[];

struct config {
    const char *path;   /* in the tree */
    struct entry entry; /* as found; ENTRY_ABSENT: the defaults count */
    char *text;         /* as it will be */
    json_t *top;        /* the same, parsed */
};

/* Reads a configuration that the library takes. */
int config_read(struct config *config, struct tree *tree, const char *path,
                roleauth_error *error);
void config_free(struct config *config);
/* roleauth.json(5): a file that is named has to exist.  option: --config. */
int config_need(const struct config *config, const char *option,
                roleauth_error *error);
/* Sets triggers: an object whose members are values, or null for a key that
 * is to be absent. */
int config_change(struct config *config, const json_t *changes,
                  roleauth_error *error);
bool config_changed(const struct config *config);
/* Writes it, unless the library refuses it. */
int config_write(const struct config *config, struct tree *tree,
                 roleauth_error *error);
/* The triggers as an object with null for keys that are absent. */
json_t *config_triggers(const struct config *config);
/* A text of the configuration; NULL: it has its default. */
const char *config_text(const struct config *config, const char *key);
/* The index-th file that events go to; NULL: there are no more. */
const char *config_log(const struct config *config, size_t index);

/* ---- schedule_mark.c: telling our own files from others' ---- */

#define MARK "Made by roleauth schedule install"
/* What a generated file has in its first lines; the zeros become a checksum. */
#define MARK_BLANK                                                             \
    MARK " (sha256 "                                                           \
         "0000000000000000000000000000000000000000000000000000000000000000)"

enum mark { MARK_NONE, MARK_WRONG, MARK_RIGHT };

/* Hexadecimal SHA-256 and its NUL. */
#define DIGEST_SIZE 65
int digest(const char *text, size_t length, char hex[DIGEST_SIZE]);
/* Puts the checksum into a text that holds MARK_BLANK. */
int mark_set(char *text, size_t length);
/* Whose is it?  Text that was changed since has a wrong mark. */
enum mark mark_check(const char *text, size_t length);

/* ---- schedule_format.c, and a file for each format ---- */

#define WRITABLE_MAX 16

/* What is to be scheduled. */
struct plan {
    const char *program; /* the path of this tool */
    const char *config;  /* for --config; NULL: the default one */
    const char *zone;    /* NULL: local time */
    long interval;       /* 0: none */
    size_t daily_count;
    unsigned daily[ROLEAUTH_MAX_DAILY]; /* minutes since midnight */
    bool boot;
    /* directories that the tool has to write to */
    size_t writable_count;
    const char *writable[WRITABLE_MAX];
};

/* One file of a format; either render or target is set. */
struct unit {
    const char *path;
    const char *target; /* of a symbolic link */
    int (*render)(FILE *out, const struct plan *plan);
};

struct format {
    const char *name;
    const char *manager; /* the program that starts it; NULL: none is needed */
    const char *running; /* exists while the manager runs; NULL: always */
    const struct unit *units;
    size_t count;
    /* Arguments of the manager; each list ends in NULL, the array too. */
    const char *const *const *start;
    const char *const *const *restart;    /* after files were replaced */
    const char *const *const *stop;       /* before the files go */
    const char *const *const *after_stop; /* after they went */
    bool again; /* start does no harm where all is started */
};

extern const struct format schedule_systemd, schedule_launchd, schedule_cron;
/* Ends in NULL. */
extern const struct format *const schedule_formats[];

const struct format *format_find(const char *name);
/* What the configuration asks for. */
int plan_make(struct plan *plan, const struct config *config,
              roleauth_error *error);
/* Renders and marks a unit; for free(3). */
int unit_text(const struct unit *unit, const struct plan *plan, char **text,
              size_t *length, roleauth_error *error);
/* How often --due is asked while there is an interval, in seconds. */
long plan_poll(const struct plan *plan);
/* On which minutes of an hour a daily time falls, in whatever zone. */
void plan_minutes(const struct plan *plan, bool minutes[60]);

enum unit_state {
    UNIT_ABSENT,
    UNIT_SAME,    /* as the plan has it */
    UNIT_DIFFERS, /* ours, of another plan */
    UNIT_EDITED,  /* ours once */
    UNIT_FOREIGN,
};

/* What is where a unit belongs?  plan: NULL: whether it differs is not asked.
 * A link or a special file in the way is told as an error. */
int unit_look(const struct unit *unit, const struct plan *plan,
              struct tree *tree, enum unit_state *state, roleauth_error *error);

/* ---- schedule_record.c: what install did, for remove ---- */

struct record {
    struct tree *tree;
    int lock; /* -1: its directory is absent */
    json_t *old;
};

/* Reads it, and keeps others from changing it (LOCK_EX) or what it is about
 * (LOCK_SH), flock(2).  old is NULL when there is none. */
int record_open(struct record *record, struct tree *tree, int lock,
                roleauth_error *error);
void record_close(struct record *record);
/* The record for what is about to be installed; NULL: out of memory. */
json_t *record_make(const struct record *record, const struct format *format,
                    const struct config *config);
int record_write(struct record *record, const json_t *data,
                 roleauth_error *error);
/* Writes the one that was there again. */
int record_put_back(struct record *record, roleauth_error *error);
int record_remove(struct record *record, roleauth_error *error);
/* Its format; NULL: none. */
const struct format *record_format(const struct record *record);
/* Is the configuration as the last install left it? */
bool record_is_ours(const struct record *record, const struct entry *entry);
/* Which configuration: the option's, the recorded or the default one.  An
 * option that names another than the recorded one is an error. */
int record_config(const struct record *record, const char *option,
                  const char **path, roleauth_error *error);

/* ---- schedule_run.c: the manager ---- */

bool manager_installed(const char *program);
bool manager_running(const struct format *format);
/* Runs it once for each list of arguments; 0, or EXIT_UNAVAILABLE after a
 * complaint. */
int manager_run(const struct format *format,
                const char *const *const *commands);
void put_command(const struct format *format, const char *const *arguments);

/* ---- the actions ---- */

struct schedule {
    const char *config; /* NULL: the default or recorded one */
    const char *root;
    const struct format *format; /* NULL: the recorded or default one */
    json_t *changes;             /* of triggers */
    bool json, dry, delete_logs;
};

/* Removes the event files and those that rotation made of them.  EXIT_YES, or
 * EXIT_NO after complaints about those that stay. */
int logs_remove(const struct schedule *schedule, const struct config *config);

int schedule_install(const struct schedule *schedule);
int schedule_show(const struct schedule *schedule);
int schedule_remove(const struct schedule *schedule);
/* The format to use. */
const struct format *schedule_format(const struct schedule *schedule,
                                     const struct record *record);

#endif
