/* SPDX-License-Identifier: MIT */
/* "auth": the methods and their attributes. */
#include <string.h>

#include "base/crypto.h"
#include "role/load.h"
#include "role/nearest.h"
#include "role/template.h"

static const char *const methods[RA_METHOD_KINDS + 1] = {
    [RA_GETSTRINGPASSWD] = "getstringpasswd",
    [RA_GETUSERPASSWD] = "getuserpasswd",
    [RA_GETUSERPASSWDPAM] = "getuserpasswdpam",
    [RA_SUBMITCONFIRMUSER] = "submitconfirmuser",
    [RA_SUBMITCONFIRMUSERPAM] = "submitconfirmuserpam",
};

/* Sets of methods, a bit each. */
#define STRING (1u << RA_GETSTRINGPASSWD)
#define PAM (1u << RA_GETUSERPASSWDPAM | 1u << RA_SUBMITCONFIRMUSERPAM)
#define USER (PAM | 1u << RA_GETUSERPASSWD | 1u << RA_SUBMITCONFIRMUSER)
#define ANY (STRING | USER)

enum attribute {
    METHOD,
    PASSWD,
    ATTRIBUTE_USER,
    SERVICE,
    FNAME,
    PROMPT,
    MESSAGE,
    REJECT_MESSAGE,
    TRIES,
    PERIOD,
    ATTRIBUTES
};

static const struct {
    const char *key;
    unsigned allowed, required; /* sets of methods */
} attributes[ATTRIBUTES] = {
    [METHOD] = {"method", ANY, ANY},
    [PASSWD] = {"passwd", STRING, STRING},
    [ATTRIBUTE_USER] = {"user", USER, USER},
    [SERVICE] = {"service", PAM, PAM},
    [FNAME] = {"fname", USER, 0},
    [PROMPT] = {"prompt", ANY, 0},
    [MESSAGE] = {"message", ANY, 0},
    [REJECT_MESSAGE] = {"rejectMessage", ANY, 0},
    [TRIES] = {"tries", ANY, 0},
    [PERIOD] = {"period", USER, 0},
};

const char *ra_method_name(enum ra_method_kind kind)
{
    return methods[kind];
}

bool ra_method_complete(const struct ra_method_view *method)
{
    const unsigned set = 1u << method->kind;

    return (method->passwd != NULL || (STRING & set) == 0) &&
           (method->user != NULL || (USER & set) == 0) &&
           (method->service != NULL || (PAM & set) == 0);
}

/* One method while it is read. */
struct reader {
    struct ra_source *source;
    const ra_json *values[ATTRIBUTES]; /* NULL: not there */
    struct ra_method_view *method;
    unsigned set; /* its own bit; ANY when it is unknown */
};

static enum attribute find_attribute(const char *key)
{
    int i = 0;

    while (i < ATTRIBUTES && (key[0] != attributes[i].key[0] ||
                              strcmp(attributes[i].key, key) != 0))
        i++;
    return (enum attribute)i;
}

static bool is_absent(const struct reader *r, enum attribute attribute)
{
    return r->values[attribute] == NULL ||
           ra_value_absent(r->values[attribute]);
}

/* ---- user, service, fname ---- */

static void check_service(struct ra_source *source,
                          const struct ra_place *place, const char *service)
{
    const struct ra_load *load = source->load;
    char text[512] = "";

    if (load != NULL && load->service_warning != NULL &&
        load->service_warning(load->service_data, service, text, sizeof(text)))
        ra_problem(source, RA_PAM_SERVICE, place, "%s", text);
}

/* Warns of an attribute that will be rejected each time. */
static void check_literal(struct ra_source *source,
                          const struct ra_place *place, const char *literal,
                          enum attribute attribute)
{
    const char *fault = attribute == FNAME     ? ra_fname_fault(literal)
                        : attribute == SERVICE ? ra_service_fault(literal)
                                               : ra_user_fault(literal);

    if (fault != NULL)
        ra_problem(source, RA_BAD_ATTRIBUTE, place,
                   "\"%s\" %s: this method would reject every time", place->key,
                   fault);
    else if (attribute == SERVICE)
        check_service(source, place, literal);
}

/* As check_literal(), for one in which %% stands for a percent sign.  A
 * variable ends the expansion: what it will be cannot be known. */
static void check_percent(struct ra_source *source,
                          const struct ra_place *place, const char *text,
                          enum attribute attribute)
{
    struct ra_buf literal = RA_BUF_INIT(SIZE_MAX / 8);
    struct ra_template_use use;

    if (ra_template_expand(text, RA_TEMPLATE_RAW, NULL, NULL, NULL, &literal,
                           &use))
        check_literal(source, place, literal.data, attribute);
    source->nomem = source->nomem || literal.failed;
    ra_buf_free(&literal);
}

static const char *read_checked(struct ra_source *source,
                                const struct ra_place *place,
                                const ra_json *value, enum attribute attribute)
{
    const char *text = ra_read_template(source, place, value);

    if (text != NULL && strchr(text, '%') == NULL)
        check_literal(source, place, text, attribute);
    else if (text != NULL)
        check_percent(source, place, text, attribute);
    return text;
}

/* ---- fname and period belong together ---- */

/* One of a wrong type is told as such, and stands for a period. */
static bool has_period(const struct reader *r)
{
    const ra_json *value = r->values[PERIOD];

    return !is_absent(r, PERIOD) && (ra_json_type(value) != RA_JSON_INTEGER ||
                                     ra_json_integer(value) != 0);
}

static void check_fname_alone(const struct reader *r,
                              const struct ra_place *place)
{
    if (r->method->fname != NULL && !has_period(r))
        ra_problem_key(r->source, RA_FNAME_ALONE, place,
                       "\"fname\" without a \"period\" above 0: nothing is "
                       "remembered");
}

static void check_period_alone(const struct reader *r,
                               const struct ra_place *place)
{
    if (r->method->period != 0 && is_absent(r, FNAME))
        ra_problem_key(r->source, RA_PERIOD_ALONE, place,
                       "\"period\" without \"fname\": nothing is remembered");
}

/* ---- passwd ---- */

static bool is_hex(const char *text)
{
    return text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

/* Neither base64 nor a hash that starts with $.  What was written may be the
 * password itself, and is never repeated. */
static void tell_bad_passwd(struct ra_source *source,
                            const struct ra_place *place, const char *text)
{
    size_t length = strlen(text);

    if (text[0] == '_' || (length == 13 && ra_crypt_kind(text) == RA_CRYPT_DES))
        ra_problem(source, RA_BAD_HASH, place,
                   "a DES hash of crypt(3), which is refused: make another "
                   "with `roleauth hash --crypt`");
    else if (length == 64 && is_hex(text))
        ra_problem(source, RA_BAD_BASE64, place,
                   "found hexadecimal, expected the base64 of a SHA-256 (44 "
                   "characters) or a crypt(3) hash: make it with `roleauth "
                   "hash`");
    else
        ra_problem(source, RA_BAD_BASE64, place,
                   "found %zu bytes that are neither the base64 of a SHA-256 "
                   "(44 characters) nor a crypt(3) hash: make one with "
                   "`roleauth hash`",
                   length);
}

static const char *read_passwd(struct ra_source *source,
                               const struct ra_place *place,
                               const ra_json *value)
{
    unsigned char digest[RA_SHA256_SIZE];
    const char *text;

    if (!ra_value_absent(value) && ra_json_type(value) != RA_JSON_STRING) {
        ra_problem_secret_type(source, place, value, "a string");
        return NULL;
    }
    text = ra_read_text(source, place, value);
    if (text == NULL)
        return NULL;
    if (ra_base64_decode32(text, digest))
        ra_problem(source, RA_UNSALTED, place,
                   "an unsalted SHA-256 is quickly guessed: prefer what "
                   "`roleauth hash --crypt` prints");
    else if (text[0] != '$')
        tell_bad_passwd(source, place, text);
    else if (ra_crypt_kind(text) != RA_CRYPT_GOOD ||
             strlen(text) >= ROLEAUTH_CRYPT_SIZE)
        ra_problem(source, RA_BAD_HASH, place,
                   "starts with $ but is no hash that crypt(3) knows here: "
                   "make one with `roleauth hash --crypt`");
    explicit_bzero(digest, sizeof(digest));
    return text;
}

/* ---- the attributes ---- */

static void read_attribute(struct reader *r, enum attribute attribute,
                           const struct ra_place *place, const ra_json *value)
{
    struct ra_method_view *m = r->method;

    switch (attribute) {
    case PASSWD:
        m->passwd = read_passwd(r->source, place, value);
        break;
    case ATTRIBUTE_USER:
        m->user = read_checked(r->source, place, value, attribute);
        break;
    case SERVICE:
        m->service = read_checked(r->source, place, value, attribute);
        break;
    case FNAME:
        m->fname = read_checked(r->source, place, value, attribute);
        check_fname_alone(r, place);
        break;
    case PROMPT:
        m->prompt = ra_read_template(r->source, place, value);
        break;
    case MESSAGE:
        m->message = ra_read_template(r->source, place, value);
        break;
    case REJECT_MESSAGE:
        m->reject_message = ra_read_template(r->source, place, value);
        break;
    case TRIES:
        m->tries = (unsigned)ra_read_integer(r->source, place, value, 1,
                                             ROLEAUTH_MAX_TRIES,
                                             ROLEAUTH_DEFAULT_TRIES);
        break;
    case PERIOD:
        m->period = (uint32_t)ra_read_integer(r->source, place, value, 0,
                                              ROLEAUTH_MAX_PERIOD, 0);
        check_period_alone(r, place);
        break;
    case METHOD: /* read first */
    case ATTRIBUTES:
    default:
        break;
    }
}

/* An attribute that only other methods have. */
static void tell_others(const struct reader *r, const struct ra_place *place,
                        const ra_json *value)
{
    unsigned allowed = attributes[find_attribute(place->key)].allowed;
    int other = 0;

    while (other < RA_METHOD_KINDS - 1 && (allowed >> other & 1) == 0)
        other++;
    ra_problem_key(r->source, RA_UNKNOWN_KEY, place,
                   "%s has no \"%s\", as %s has", r->method->name, place->key,
                   methods[other]);
    ra_problem_nesting(r->source, place, value);
}

static void tell_unknown(const struct reader *r, const struct ra_place *place,
                         const ra_json *value)
{
    const char *known[ATTRIBUTES + 1] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < ATTRIBUTES; i++)
        if ((attributes[i].allowed & r->set) != 0)
            known[count++] = attributes[i].key;
    if (find_attribute(place->key) == ATTRIBUTES)
        ra_unknown_key(r->source, place, value,
                       r->set == ANY ? "an Auth method" : r->method->name,
                       known);
    else
        tell_others(r, place, value);
}

/* ---- "method" itself ---- */

static void tell_unknown_method(struct ra_source *source,
                                const struct ra_place *place, const char *name)
{
    const char *near = ra_nearest_of(name, methods);
    char quoted[RA_QUOTE];

    if (near != NULL)
        ra_problem(source, RA_UNKNOWN_METHOD, place,
                   "there is no method \"%s\": did you mean \"%s\"?",
                   ra_quote(source, quoted, name), near);
    else
        ra_problem(source, RA_UNKNOWN_METHOD, place,
                   "there is no method \"%s\": expected getstringpasswd, "
                   "getuserpasswd, getuserpasswdpam, submitconfirmuser or "
                   "submitconfirmuserpam",
                   ra_quote(source, quoted, name));
}

/* Which method is it?  Told by tell_method() in its turn. */
static void find_method(struct reader *r)
{
    const char *name = ra_json_string(r->values[METHOD], NULL);

    r->set = ANY;
    r->method->tries = ROLEAUTH_DEFAULT_TRIES;
    r->method->name = "";
    r->method->kind = RA_METHOD_KINDS;
    for (unsigned i = 0; name != NULL && i < RA_METHOD_KINDS; i++)
        if (strcmp(methods[i], name) == 0) {
            r->method->kind = (enum ra_method_kind)i;
            r->method->name = methods[i];
            r->set = 1u << i;
        }
}

static void tell_method(const struct reader *r, const struct ra_place *place,
                        const ra_json *value)
{
    if (r->set != ANY || ra_value_absent(value))
        return;
    if (ra_json_type(value) == RA_JSON_STRING)
        tell_unknown_method(r->source, place, ra_json_string(value, NULL));
    else
        ra_problem_type(r->source, place, value, "the name of a method");
}

/* What the method needs.  An unknown one needs nothing but a name. */
static void tell_missing(const struct reader *r, const struct ra_place *place)
{
    for (int i = 0; i < ATTRIBUTES; i++)
        if ((attributes[i].required & r->set) == r->set &&
            is_absent(r, (enum attribute)i))
            ra_problem(r->source, RA_MISSING, place,
                       "\"%s\" is missing or empty: %s needs it",
                       attributes[i].key,
                       r->set == ANY ? "an Auth method" : r->method->name);
}

/* Looks at the members before they are read: what a method needs and what
 * belongs together is known then. */
static void collect(struct reader *r, const ra_json *object)
{
    for (void *it = ra_json_first(object); it != NULL;
         it = ra_json_next(object, it)) {
        enum attribute attribute = find_attribute(ra_json_key(it));

        if (attribute != ATTRIBUTES)
            r->values[attribute] = ra_json_value(it);
    }
}

static void read_method(struct ra_source *source, const struct ra_place *place,
                        const ra_json *object, struct ra_method_view *method)
{
    struct reader r = {source, {NULL}, method, ANY};
    struct ra_place at = {place, NULL, 0, false};

    collect(&r, object);
    find_method(&r);
    if (ra_json_type(object) != RA_JSON_OBJECT) {
        ra_problem_type(source, place, object, "an object with a \"method\"");
        return;
    }
    tell_missing(&r, place);
    for (void *it = ra_json_first(object); it != NULL;
         it = ra_json_next(object, it)) {
        enum attribute attribute;

        at.key = ra_json_key(it);
        attribute = find_attribute(at.key);
        if (attribute == METHOD)
            tell_method(&r, &at, ra_json_value(it));
        else if (attribute == ATTRIBUTES ||
                 (attributes[attribute].allowed & r.set) == 0)
            tell_unknown(&r, &at, ra_json_value(it));
        else
            read_attribute(&r, attribute, &at, ra_json_value(it));
    }
}

void ra_read_methods(struct ra_source *source, const struct ra_place *place,
                     const ra_json *value, struct ra_role *role)
{
    struct ra_place at = {place, NULL, 0, false};
    size_t count = ra_json_size(value);
    struct ra_method_view *views;

    if (count > ROLEAUTH_MAX_METHODS)
        count = ROLEAUTH_MAX_METHODS;
    views = ra_arena_array(source->arena, count, sizeof(*views));
    if (views == NULL) {
        source->nomem = true;
        return;
    }
    for (; at.index < count && !source->nomem; at.index++)
        read_method(source, &at, ra_json_at(value, at.index), &views[at.index]);
    role->methods = views;
    role->method_count = count;
    if (ra_json_size(value) > count)
        ra_problem(source, RA_LIMIT, &at,
                   "found %zu Auth methods, at most %d are allowed",
                   ra_json_size(value), ROLEAUTH_MAX_METHODS);
}
