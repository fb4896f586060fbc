/* SPDX-License-Identifier: MIT */
#include "role/template.h"

#include <string.h>

#include "base/text.h"

#define USER_MAX 255
#define SERVICE_MAX 200
#define FNAME_MAX 255

/* One piece of a template: plain text or, with variable, the name between
 * two percent signs. */
struct piece {
    const char *text;
    size_t length;
    bool variable;
    const char *fault; /* prose; text is then where it is */
};

/* Takes the next piece off *at; false: the end. */
static bool next_piece(const char **at, struct piece *piece)
{
    const char *start = *at;
    const char *close;

    memset(piece, 0, sizeof(*piece));
    piece->text = start;
    if (*start == '\0')
        return false;
    if (*start != '%') {
        piece->length = strcspn(start, "%");
        *at = start + piece->length;
        return true;
    }
    close = strchr(start + 1, '%');
    if (close == NULL) {
        piece->fault = "a % that nothing closes: write %name% for a variable, "
                       "%% for a percent sign";
        return true;
    }
    *at = close + 1;
    piece->length = (size_t)(close - start - 1);
    if (piece->length == 0) {
        piece->length = 1; /* of %% the first */
        return true;
    }
    piece->text++;
    piece->variable = true;
    if (!ra_var_name_valid(piece->text, piece->length)) {
        piece->text = start;
        piece->fault = "what stands between two % is no name of a variable: "
                       "write %name% for a variable, %% for a percent sign";
    }
    return true;
}

const char *ra_template_fault(const char *text, size_t *offset)
{
    const char *at = text;
    struct piece piece;

    while (next_piece(&at, &piece))
        if (piece.fault != NULL) {
            *offset = (size_t)(piece.text - text);
            return piece.fault;
        }
    return NULL;
}

static void note_first(char place[ROLEAUTH_MAX_NAME + 1], const char *name)
{
    if (place[0] == '\0')
        memcpy(place, name, strlen(name) + 1);
}

/* Adds one variable's value; false: it is undefined, or out failed. */
static bool add_value(const char *name, enum ra_template_mode mode,
                      const ra_vars *vars,
                      bool (*trusted)(const void *data, const char *name),
                      const void *trusted_data, struct ra_buf *out,
                      struct ra_template_use *use)
{
    roleauth_origin origin = ROLEAUTH_CLIENT;
    const char *value = ra_vars_get(vars, name, &origin);

    if (value == NULL) {
        note_first(use->undefined, name);
        return false;
    }
    if (origin != ROLEAUTH_SERVER &&
        (trusted == NULL || !trusted(trusted_data, name)))
        note_first(use->client, name);
    return mode == RA_TEMPLATE_RAW
               ? ra_buf_add_text(out, value)
               : ra_text_add_visible(out, value, strlen(value));
}

/* Values go straight to out and are never looked at again: what looks like
 * a template in one stays as it is. */
bool ra_template_expand(const char *text, enum ra_template_mode mode,
                        const ra_vars *vars,
                        bool (*trusted)(const void *data, const char *name),
                        const void *trusted_data, struct ra_buf *out,
                        struct ra_template_use *use)
{
    struct piece piece;
    bool good = ra_buf_add(out, "", 0);

    memset(use, 0, sizeof(*use));
    while (good && next_piece(&text, &piece)) {
        char name[ROLEAUTH_MAX_NAME + 1] = "";

        if (piece.fault != NULL)
            return false;
        if (!piece.variable) {
            good = ra_buf_add(out, piece.text, piece.length);
            continue;
        }
        memcpy(name, piece.text, piece.length);
        good = add_value(name, mode, vars, trusted, trusted_data, out, use);
    }
    return good;
}

/* ---- what an attribute may be ---- */

/* Holds the text a control character, a byte that is not UTF-8, or, with
 * space, white space of any script? */
static bool has_control(const char *text, bool space)
{
    const char *end = text + strlen(text);

    while (text < end) {
        uint32_t c = 0;
        size_t size = ra_utf8_decode(text, end, &c);

        if (size == 0 || ra_text_is_control(c))
            return true;
        if (space && (c == ' ' || c == 0xA0 || c == 0x1680 ||
                      (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
                      c == 0x205F || c == 0x3000))
            return true;
        text += size;
    }
    return false;
}

const char *ra_user_fault(const char *user)
{
    if (user[0] == '\0')
        return "is empty";
    if (strlen(user) > USER_MAX)
        return "is longer than 255 bytes";
    if (user[0] == '-')
        return "starts with -";
    if (strpbrk(user, "/:") != NULL)
        return "holds / or :, which no user name does";
    if (has_control(user, true))
        return "holds white space or a control character";
    return NULL;
}

const char *ra_service_fault(const char *service)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789._@+-";

    if (service[0] == '\0')
        return "is empty";
    if (strlen(service) > SERVICE_MAX)
        return "is longer than 200 bytes";
    if (service[0] == '.' || service[0] == '-')
        return "starts with . or -";
    if (service[strspn(service, allowed)] != '\0')
        return "holds something else than letters, digits and . _ @ + -";
    return NULL;
}

const char *ra_fname_fault(const char *fname)
{
    if (fname[0] == '\0')
        return "is empty";
    if (strlen(fname) > FNAME_MAX)
        return "is longer than 255 bytes";
    if (has_control(fname, false))
        return "holds a control character";
    return NULL;
}
