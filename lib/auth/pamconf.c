/* SPDX-License-Identifier: MIT */
/* PAM's configuration, pam.conf(5), as Linux-PAM reads it.
 *
 * libpam takes the service "other" for each kind of call for which the service
 * asked for has no line; on Debian that accepts the Unix password under any
 * name.  So the lines are looked for here before PAM is started.  Wherever
 * versions of libpam differ (long lines, depth of inclusion), what one of them
 * would refuse is refused here. */
#include "auth/pamconf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/error.h"
#include "base/trust.h"

#define LINE_MAX_BYTES ((size_t)1000) /* Linux-PAM 1.5 cuts at 1023 */
#define FILE_MAX_BYTES ((size_t)1048576)
#define DEPTH_MAX 16 /* PAM_SUBSTACK_MAX_LEVEL */
#define FILES_MAX 256
#define SERVICE_MAX 200

enum { AUTH = 1, ACCOUNT = 2, SESSION = 4, PASSWORD = 8, ANY = 15 };

/* A service as it is read, over all the files that it includes. */
struct reader {
    const struct ra_pam_places *places;
    const char *name; /* of the service, in lower case */
    unsigned files;   /* read so far */
    unsigned found;   /* types with a sound line */
    unsigned damaged; /* types with a line that is not sound */
    bool denied;      /* pam_deny came before, in the auth stack */
    struct ra_pam_service *service;
    int code;
};

/* The rest of one text, line by line. */
struct text {
    const char *at, *end;
};

static int include(struct reader *reader, const char *name, unsigned wanted,
                   unsigned depth);

/* ---- lines ---- */

/* The next physical line without its newline; false: there is none. */
static bool next_physical(struct text *text, const char **line, size_t *length)
{
    const char *newline;

    if (text->at == text->end)
        return false;
    newline = memchr(text->at, '\n', (size_t)(text->end - text->at));
    *line = text->at;
    *length = (size_t)((newline != NULL ? newline : text->end) - text->at);
    text->at = newline != NULL ? newline + 1 : text->end;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Puts the next logical line together: comments cut off, lines that end in a
 * backslash joined.  Returns 1, 0 at the end, -1 when the text is damaged. */
static int next_line(struct text *text, char line[LINE_MAX_BYTES + 1])
{
    size_t used = 0, length;
    const char *at, *comment;

    while (next_physical(text, &at, &length)) {
        if (length > LINE_MAX_BYTES || memchr(at, '\0', length) != NULL)
            return -1;
        for (; length > 0 && is_blank(*at); length--)
            at++;
        if (length == 0 || *at == '#')
            continue;
        comment = memchr(at, '#', length);
        if (comment != NULL)
            length = (size_t)(comment - at);
        while (comment == NULL && length > 1 && is_blank(at[length - 1]))
            length--;
        if (used + length > LINE_MAX_BYTES)
            return -1;
        memcpy(line + used, at, length);
        used += length;
        line[used] = '\0';
        if (comment != NULL || line[used - 1] != '\\')
            return 1;
        line[used - 1] = ' ';
    }
    return used > 0 ? -1 : 0;
}

/* The next word, or "[...]" as one, as _pam_StrTok() of libpam takes them;
 * NULL: there is none. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t"), *end;

    if (*word == '\0')
        return NULL;
    if (*word == '[') {
        for (end = word + 1; *end != '\0' && *end != ']'; end++)
            if (end[0] == '\\' && end[1] == ']')
                end++;
        if (*end == '\0')
            return NULL;
        end++;
    } else {
        end = word + strcspn(word, " \t");
    }
    *rest = *end != '\0' && word[0] != '[' ? end + 1 : end;
    if (word[0] == '[')
        return word;
    *end = '\0';
    return word;
}

static unsigned type_of(const char *word)
{
    static const struct {
        const char *name;
        unsigned type;
    } types[] = {{"auth", AUTH},
                 {"account", ACCOUNT},
                 {"session", SESSION},
                 {"password", PASSWORD}};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcasecmp(word, types[i].name) == 0)
            return types[i].type;
    return 0;
}

/* Keeps in mind a module that lets people in unasked.  pam_permit behind a
 * pam_deny only fills the stack up, as pam-auth-update(8) has it. */
static void look_at_module(struct reader *reader, const char *control,
                           const char *module)
{
    const char *slash = strrchr(module, '/');
    const char *name = slash != NULL ? slash + 1 : module;

    if (strcmp(name, "pam_deny.so") == 0 &&
        (strcasecmp(control, "requisite") == 0 ||
         strcasecmp(control, "required") == 0))
        reader->denied = true;
    if (reader->service->permits[0] != '\0')
        return;
    if (strcmp(name, "pam_rootok.so") == 0 ||
        (strcmp(name, "pam_permit.so") == 0 && !reader->denied))
        (void)snprintf(reader->service->permits,
                       sizeof(reader->service->permits), "%s", name);
}

/* One line from its type on, of which only wanted types count. */
static void read_line(struct reader *reader, char *rest, unsigned wanted,
                      unsigned depth)
{
    char *word = next_word(&rest), *control, *module;
    unsigned type;

    if (word != NULL && strcasecmp(word, "@include") == 0) {
        /* Debian's: every type of the other file. */
        module = next_word(&rest);
        if (module == NULL || include(reader, module, wanted, depth + 1) != 0)
            reader->damaged |= wanted;
        return;
    }
    type = word != NULL ? type_of(word + (word[0] == '-')) : 0;
    if (type == 0) {
        reader->damaged |= wanted;
        return;
    }
    if ((type & wanted) == 0)
        return;
    control = next_word(&rest);
    module = control != NULL ? next_word(&rest) : NULL;
    if (module == NULL) {
        reader->damaged |= type;
        return;
    }
    if (strcasecmp(control, "include") == 0 ||
        strcasecmp(control, "substack") == 0) {
        if (include(reader, module, type, depth + 1) != 0)
            reader->damaged |= type;
        return;
    }
    /* "[include]" would be "include" to libpam, which strips the brackets. */
    if (control[0] == '[' &&
        memchr(control, '=', strcspn(control, "]")) == NULL) {
        reader->damaged |= type;
        return;
    }
    reader->found |= type;
    if (type == AUTH)
        look_at_module(reader, control, module);
}

/* ---- files ---- */

/* Opens a regular file.  O_NONBLOCK, so that a FIFO cannot hang us. */
static int open_regular(const char *path, int *fd)
{
    struct stat status;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? ROLEAUTH_E_NOT_FOUND
                                                   : ROLEAUTH_E_IO;
    if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode))
        return ROLEAUTH_OK;
    (void)close(*fd);
    *fd = -1;
    return ROLEAUTH_E_IO;
}

/* The file of a name in the first directory that has it. */
static int open_named(const struct ra_pam_places *places, const char *name,
                      int *fd)
{
    *fd = -1;
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_MAX];
        int length, code;

        if (places->directories[i] == NULL)
            continue;
        length =
            snprintf(path, sizeof(path), "%s/%s", places->directories[i], name);
        if (length < 0 || (size_t)length >= sizeof(path))
            return ROLEAUTH_E_IO;
        code = open_regular(path, fd);
        if (code != ROLEAUTH_E_NOT_FOUND)
            return code;
    }
    return ROLEAUTH_E_NOT_FOUND;
}

/* Reads what is open, and closes it. */
static int slurp(struct reader *reader, int fd, char **bytes, size_t *length)
{
    int code = ROLEAUTH_E_LIMIT;

    if (reader->files++ < FILES_MAX)
        code = ra_read_all(fd, "PAM configuration", FILE_MAX_BYTES, bytes,
                           length, NULL);
    (void)close(fd);
    return code;
}

/* Gives each logical line of an open file to read, and closes it. */
static int each_line(struct reader *reader, int fd,
                     void (*read)(struct reader *reader, char *line,
                                  unsigned wanted, unsigned depth),
                     unsigned wanted, unsigned depth)
{
    char line[LINE_MAX_BYTES + 1], *bytes = NULL;
    struct text text;
    size_t length = 0;
    int more, code = slurp(reader, fd, &bytes, &length);

    if (code == ROLEAUTH_OK) {
        text.at = bytes;
        text.end = bytes + length;
        while ((more = next_line(&text, line)) > 0)
            read(reader, line, wanted, depth);
        code = more < 0 ? ROLEAUTH_E_INVALID : ROLEAUTH_OK;
    }
    if (code == ROLEAUTH_E_NOMEM)
        reader->code = code;
    free(bytes);
    return code;
}

/* The name of an included file, which may be spelled with its directory;
 * NULL: it lies elsewhere. */
static const char *name_within(const struct ra_pam_places *places,
                               const char *name)
{
    const char *slash = strrchr(name, '/');

    if (name[0] == '.' || name[0] == '\0')
        return NULL;
    if (slash == NULL)
        return name;
    for (size_t i = 0; i < 2; i++) {
        const char *directory = places->directories[i];

        if (directory != NULL && strlen(directory) == (size_t)(slash - name) &&
            strncmp(directory, name, (size_t)(slash - name)) == 0 &&
            slash[1] != '\0' && slash[1] != '.')
            return slash + 1;
    }
    return NULL;
}

static int include(struct reader *reader, const char *name, unsigned wanted,
                   unsigned depth)
{
    const char *within = name_within(reader->places, name);
    int code, fd;

    if (within == NULL || depth >= DEPTH_MAX)
        return ROLEAUTH_E_INVALID;
    code = open_named(reader->places, within, &fd);
    return code == ROLEAUTH_OK ? each_line(reader, fd, read_line, wanted, depth)
                               : code;
}

/* A line of pam.conf(5), which starts with the name of its service. */
static void read_pam_conf_line(struct reader *reader, char *line,
                               unsigned wanted, unsigned depth)
{
    char *rest = line, *word = next_word(&rest);

    if (word == NULL || strcasecmp(word, reader->name) != 0)
        return;
    reader->service->exists = true;
    read_line(reader, rest, wanted, depth);
}

/* ---- the service ---- */

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

struct ra_pam_places ra_pam_places(const char *confdir)
{
    struct ra_pam_places places = {{"/etc/pam.d", "/usr/lib/pam.d"}, NULL};

    if (confdir != NULL) {
        places.directories[0] = confdir;
        places.directories[1] = NULL;
    } else if (!is_directory(places.directories[0]) &&
               !is_directory(places.directories[1])) {
        places.directories[0] = places.directories[1] = NULL;
        places.file = "/etc/pam.conf";
    }
    return places;
}

/* pam_start(3) takes what follows the last slash, and lower case.  tolower(3)
 * would ask the locale. */
static bool lower_name(const char *service, char lower[SERVICE_MAX + 1])
{
    size_t length = strnlen(service, SERVICE_MAX + 1);

    if (length == 0 || length > SERVICE_MAX || service[0] == '.' ||
        strchr(service, '/') != NULL)
        return false;
    for (size_t i = 0; i <= length; i++)
        lower[i] = service[i] >= 'A' && service[i] <= 'Z'
                       ? (char)(service[i] - 'A' + 'a')
                       : service[i];
    /* The fallback is nobody's service. */
    return strcmp(lower, "other") != 0;
}

static int read_service(struct reader *reader)
{
    const struct ra_pam_places *places = reader->places;
    int fd, code;

    if (places->file != NULL) {
        code = open_regular(places->file, &fd);
        return code == ROLEAUTH_OK
                   ? each_line(reader, fd, read_pam_conf_line, ANY, 0)
                   : code;
    }
    code = open_named(places, reader->name, &fd);
    if (code != ROLEAUTH_OK)
        return code;
    reader->service->exists = true;
    return each_line(reader, fd, read_line, ANY, 0);
}

int ra_pam_service_read(const struct ra_pam_places *places, const char *service,
                        struct ra_pam_service *found)
{
    char name[SERVICE_MAX + 1];
    struct reader reader = {places, name, 0, 0, 0, false, found, ROLEAUTH_OK};
    int code;

    memset(found, 0, sizeof(*found));
    if (!lower_name(service, name))
        return ROLEAUTH_OK;
    code = read_service(&reader);
    if (code == ROLEAUTH_E_NOT_FOUND)
        return ROLEAUTH_OK;
    if (code == ROLEAUTH_E_NOMEM || reader.code != ROLEAUTH_OK)
        return ROLEAUTH_E_NOMEM;
    if (code == ROLEAUTH_E_IO)
        return code;
    if (code == ROLEAUTH_OK) {
        reader.found &= ~reader.damaged;
        found->auth = (reader.found & AUTH) != 0;
        found->account = (reader.found & ACCOUNT) != 0;
    }
    return ROLEAUTH_OK;
}

/* What is missing for the library to use it; NULL: nothing. */
static const char *service_fault(const struct ra_pam_service *found)
{
    if (!found->exists)
        return "does not exist";
    if (!found->auth && !found->account)
        return "has no sound auth and account lines";
    if (!found->auth)
        return "has no sound auth lines";
    if (!found->account)
        return "has no sound account lines";
    return NULL;
}

int ra_pam_service_find(const struct ra_pam_places *places, const char *service,
                        roleauth_error *error)
{
    struct ra_pam_service found;
    const char *fault;
    int code = ra_pam_service_read(places, service, &found);

    if (code == ROLEAUTH_E_NOMEM)
        return ra_fail_nomem(error);
    if (code != ROLEAUTH_OK)
        return ra_fail(error, ROLEAUTH_E_IO,
                       "the PAM service \"%s\" cannot be read", service);
    fault = service_fault(&found);
    if (fault == NULL)
        return ROLEAUTH_OK;
    return ra_fail(error, ROLEAUTH_E_NOT_FOUND, "the PAM service \"%s\" %s",
                   service, fault);
}

bool ra_pam_service_warning(const char *confdir, const char *service,
                            char *text, size_t size)
{
    struct ra_pam_places places = ra_pam_places(confdir);
    struct ra_pam_service found;
    const char *fault;
    int code = ra_pam_service_read(&places, service, &found);

    fault = code == ROLEAUTH_OK ? service_fault(&found) : "cannot be read";
    if (fault != NULL)
        (void)snprintf(text, size, "the PAM service \"%s\" %s", service, fault);
    else if (found.permits[0] != '\0')
        (void)snprintf(text, size,
                       "the PAM service \"%s\" has %s, which lets people in "
                       "without asking them",
                       service, found.permits);
    else
        return false;
    return true;
}
