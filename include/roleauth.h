/* SPDX-License-Identifier: MIT */
/**
 * @file roleauth.h
 * libroleauth: re-authentication by role.
 *
 * A policy server describes a request with variables; the first role whose
 * "varmatch" matches is selected, its "Auth" array is run in order, and the
 * first method that fails REJECTs.  What was proved is remembered in
 * timestamp records for the method's "period".
 *
 * Five nouns, in reading order:
 *
 *   roleauth_context   configuration and seams; shared by threads
 *   roleauth_roles     a loaded set of roles; immutable, shared by threads
 *   roleauth_policy    the set that is in force, replaced by a reload
 *   roleauth_request   one request: its variables, its scope, its user
 *   roleauth_result    the outcome of one evaluation
 *
 * Conventions:
 *   - A function that can fail returns 0, or one of the negative codes of
 *     ROLEAUTH_ERRORS.  A decision (accept or reject) is never a return
 *     code; only roleauth_result_accepted() tells whether the user is in.
 *   - Every object that a call gives away is freed with the matching
 *     roleauth_*_free(&object), which accepts NULL and sets it to NULL.
 *   - Strings are UTF-8 and end in NUL.  Strings that are passed in are
 *     copied; strings that are handed out belong to the object they came
 *     from and live as long as it does, unless the comment says otherwise.
 *   - The structs that a caller fills (seams, conversation, prompt, error,
 *     loading, selection) are complete as they are: a later version that
 *     needs more adds a new struct with a new call.  Those that the library
 *     hands out may grow at their ends.
 *   - No callback may leave by an exception or longjmp(3).
 *   - A NULL object where one is needed is ROLEAUTH_E_ARGUMENT, so that a
 *     failed roleauth_*_new() needs no check of its own.
 *
 * See libroleauth(3), roleauth-roles(5), roleauth.json(5), roleauth(7).
 */
#ifndef ROLEAUTH_H
#define ROLEAUTH_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ROLEAUTH_API __attribute__((visibility("default")))
#define ROLEAUTH_MUST_CHECK __attribute__((warn_unused_result))
#else
#define ROLEAUTH_API
#define ROLEAUTH_MUST_CHECK
#endif

/** Version of this header; roleauth_version() tells the library's. */
#define ROLEAUTH_VERSION "0.1.0"
/** The same as a number: major * 10000 + minor * 100 + patch. */
#define ROLEAUTH_VERSION_NUMBER 100

/** The version of the library that is linked, such as "0.1.0". */
ROLEAUTH_API const char *roleauth_version(void);

/* ------------------------------------------------------------------ */
/* Limits                                                             */
/* ------------------------------------------------------------------ */

#define ROLEAUTH_MAX_NAME 64            /**< bytes in a variable's name */
#define ROLEAUTH_MAX_VALUE 65536        /**< bytes in a variable's value */
#define ROLEAUTH_MAX_FILE 1073741824    /**< bytes in a role file, 1 GiB */
#define ROLEAUTH_MAX_CONFIG 1048576     /**< bytes in a configuration file */
#define ROLEAUTH_MAX_ROLES 2000000      /**< roles in one set */
#define ROLEAUTH_MAX_METHODS 64         /**< Auth methods in one role */
#define ROLEAUTH_MAX_NESTING 32         /**< nested JSON arrays and objects */
#define ROLEAUTH_MAX_PASSWORD 511       /**< bytes in a password */
#define ROLEAUTH_MAX_TRIES 100          /**< tries of one method */
#define ROLEAUTH_DEFAULT_TRIES 3        /**< tries where a role sets none */
#define ROLEAUTH_MAX_PERIOD 31536000    /**< seconds that a proof may last */
#define ROLEAUTH_MAX_RECORDS 100        /**< records of one requester */
#define ROLEAUTH_MIN_INTERVAL 60        /**< seconds between sign-outs */
#define ROLEAUTH_MAX_INTERVAL 31536000  /**< seconds between sign-outs */
#define ROLEAUTH_MAX_DAILY 48           /**< daily times of sign-out */
#define ROLEAUTH_MAX_COMMAND 64         /**< arguments of the sign-out command,
                                             the program included */
#define ROLEAUTH_MAX_SIGN_OUTS 100      /**< sign-outs that are kept in mind */
#define ROLEAUTH_MAX_BINDING 1024       /**< bytes of requester, submit host
                                             or scope that a record can hold */

/* ------------------------------------------------------------------ */
/* Errors and diagnostics                                             */
/* ------------------------------------------------------------------ */

/** X(name, code, prose): every return code of the library. */
#define ROLEAUTH_ERRORS(X)                                               \
    X(ROLEAUTH_OK, 0, "success")                                         \
    X(ROLEAUTH_E_NOMEM, -1, "out of memory")                             \
    X(ROLEAUTH_E_ARGUMENT, -2, "invalid argument")                       \
    X(ROLEAUTH_E_IO, -3, "a file or a service cannot be used")           \
    X(ROLEAUTH_E_UNTRUSTED, -4, "others could have changed this")        \
    X(ROLEAUTH_E_INVALID, -5, "the content is not valid")                \
    X(ROLEAUTH_E_LIMIT, -6, "a limit is exceeded")                       \
    X(ROLEAUTH_E_IN_USE, -7, "the context is in use and cannot change")  \
    X(ROLEAUTH_E_NOT_FOUND, -8, "not found")                             \
    X(ROLEAUTH_E_INTERNAL, -9, "internal error")                         \
    X(ROLEAUTH_E_BUSY, -10, "in use by another process")

enum roleauth_code {
#define ROLEAUTH_X(name, code, prose) name = (code),
    ROLEAUTH_ERRORS(ROLEAUTH_X)
#undef ROLEAUTH_X
};

/** The prose of a return code; never NULL. */
ROLEAUTH_API const char *roleauth_strerror(int code);

/**
 * What went wrong, owned by the caller.  Every call that takes one clears it
 * first, so that it always tells of the last call, and accepts NULL instead.
 * The text is one line and never contains a password.
 */
typedef struct roleauth_error {
    int code;        /**< ROLEAUTH_OK while nothing failed */
    size_t line;     /**< 1-based, 0: not about a place in a text */
    size_t column;   /**< 1-based, counted in characters */
    char text[320];  /**< what was found, and the mend */
    char file[256];  /**< file, or "" */
    char path[128];  /**< JSON path such as roles[3].auth[0].tries, or "" */
} roleauth_error;

#define ROLEAUTH_ERROR_INIT                                              \
    {                                                                    \
        0, 0, 0, "", "", ""                                              \
    }

/** Makes *error fit for another use. */
ROLEAUTH_API void roleauth_error_clear(roleauth_error *error);

typedef enum roleauth_severity {
    ROLEAUTH_SEVERITY_WARNING,
    ROLEAUTH_SEVERITY_ERROR
} roleauth_severity;

/** One problem of a role file or a configuration.  Lives only during the
 *  report callback. */
typedef struct roleauth_diagnostic {
    roleauth_severity severity;
    const char *code;   /**< stable word such as "unknown-key" */
    const char *file;   /**< name of the source */
    size_t line;        /**< 1-based; 0: unknown */
    size_t column;      /**< 1-based, in characters; 0: unknown */
    const char *path;   /**< JSON path, "" for the whole */
    const char *text;   /**< found, expected, suggestion */
} roleauth_diagnostic;

/** Receives every problem of a source, in the order of the text. */
typedef void roleauth_report(void *data, const roleauth_diagnostic *diagnostic);

/**
 * A copy of text that is safe on a terminal or in a log: control characters
 * (C0, DEL, C1, bidirectional controls) and bytes that are not valid UTF-8
 * are made visible in the style of vis(3), a backslash is doubled.
 * @return to be freed with free(3); NULL: out of memory, or text is NULL
 */
ROLEAUTH_API char *roleauth_visible(const char *text);

/* ------------------------------------------------------------------ */
/* Patterns and password hashes                                       */
/* ------------------------------------------------------------------ */

/**
 * Does value, as a whole, match the glob(7) pattern?  As fnmatch(3) without
 * flags, on UTF-8 and independent of the locale; see roleauth-roles(5).
 * Takes at most time proportional to pattern times value length.
 * @return 1 match, 0 no match (also when an argument is NULL)
 */
ROLEAUTH_API int roleauth_glob_match(const char *pattern, const char *value);

#define ROLEAUTH_HASH_SIZE 45    /**< base64 SHA-256 and its NUL */
#define ROLEAUTH_CRYPT_SIZE 384  /**< a crypt(3) hash and its NUL */

/**
 * Writes the base64 of the SHA-256 of password, as a getstringpasswd
 * "passwd" takes it.  Unsalted: prefer roleauth_password_crypt().
 * @return 0; ROLEAUTH_E_LIMIT: longer than ROLEAUTH_MAX_PASSWORD
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_password_hash(const char *password, char hash[ROLEAUTH_HASH_SIZE]);

/**
 * Writes a salted hash of password of the system's preferred crypt(3)
 * kind (yescrypt on Debian), which a "passwd" also takes.
 * @return 0; ROLEAUTH_E_LIMIT; ROLEAUTH_E_INTERNAL: crypt(3) failed
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_password_crypt(const char *password, char hash[ROLEAUTH_CRYPT_SIZE]);

/* ------------------------------------------------------------------ */
/* Conversation: how the user is asked                                */
/* ------------------------------------------------------------------ */

/** The styles of pam_conv(3). */
typedef enum roleauth_style {
    ROLEAUTH_PROMPT_SECRET = 1,  /**< ask, what is typed stays hidden */
    ROLEAUTH_PROMPT_VISIBLE = 2, /**< ask, what is typed is shown */
    ROLEAUTH_SHOW_ERROR = 3,     /**< show, no answer */
    ROLEAUTH_SHOW_INFO = 4       /**< show, no answer */
} roleauth_style;

/**
 * One line of a conversation.  text is made safe for a terminal by the
 * library: no control characters but newline and tab.
 *
 * For a prompt, the callback writes the answer without its line end and
 * with a NUL into reply, a buffer of reply_size bytes that the library owns
 * and wipes, and its length into reply_length.  An answer that does not
 * fit, or that contains a NUL byte, is not cut short: set reply_length to
 * ROLEAUTH_REPLY_UNUSABLE, which counts as a wrong password.
 */
typedef struct roleauth_prompt {
    roleauth_style style;
    const char *text;
    char *reply;         /**< NULL for the styles without an answer */
    size_t reply_size;   /**< at least ROLEAUTH_MAX_PASSWORD + 1 */
    size_t reply_length;
} roleauth_prompt;

#define ROLEAUTH_REPLY_UNUSABLE ((size_t)-1)
/** What reply_length is at first; a callback that says ROLEAUTH_ANSWERED and
 *  leaves it so has failed. */
#define ROLEAUTH_REPLY_UNSET ((size_t)-2)

/** What a conversation callback returns; anything else means FAILED. */
typedef enum roleauth_answer {
    ROLEAUTH_ANSWERED = 0,
    ROLEAUTH_ANSWER_CANCELLED = 1,   /**< the user cancelled, or end of input */
    ROLEAUTH_ANSWER_TIMEOUT = 2,     /**< no answer within the time limit */
    ROLEAUTH_ANSWER_NOBODY = 3,      /**< there is nobody to ask */
    ROLEAUTH_ANSWER_FAILED = 4       /**< it broke */
} roleauth_answer;

/**
 * How to talk to the user, in the manner of pam_conv(3).  Fill in your own,
 * or have it filled by one of the calls below.  It is used by one evaluation
 * at a time, and what its data points to must outlive the request that it was
 * given to: free the request before roleauth_conversation_close().
 *
 * The callbacks may be called from within a PAM module: no exception and no
 * longjmp(3) may leave them.
 */
typedef struct roleauth_conversation {
    /** Shows and asks, in order.  timeout: seconds for each prompt, 0 for no
     *  limit.  PAM modules may call it from within pam_authenticate(3). */
    roleauth_answer (*converse)(void *data, roleauth_prompt *prompts,
                                size_t count, unsigned timeout);
    /** The evaluation is over: give the terminal back.  May be NULL. */
    void (*finish)(void *data);
    /** Called by roleauth_conversation_close().  May be NULL. */
    void (*release)(void *data);
    void *data;
} roleauth_conversation;

#define ROLEAUTH_CONVERSATION_INIT                                       \
    {                                                                    \
        NULL, NULL, NULL, NULL                                           \
    }

/**
 * Asks on the terminal.  Echo is off from the first prompt to the end of
 * the evaluation; type-ahead is flushed; ^C and ^D cancel; ^Z gives the
 * terminal back, stops, and asks again.
 * @param tty  path of the terminal; NULL: /dev/tty
 * @return 0; ROLEAUTH_E_NOMEM.  Without a terminal the call succeeds and the
 *         prompt is answered ROLEAUTH_ANSWER_NOBODY.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_conversation_terminal(roleauth_conversation *conversation,
                               const char *tty);

/**
 * Gives the terminal back at once, as a signal handler for SIGTERM or
 * SIGHUP must before the program dies.  Async-signal-safe; harmless for
 * other conversations and for NULL.
 */
ROLEAUTH_API void
roleauth_conversation_restore(const roleauth_conversation *conversation);

/**
 * Answers each prompt with one line from a descriptor, writing the text of
 * prompts and messages to another.  Reads no byte beyond the line end.  A
 * last line without a line end counts; end of input cancels.
 * @param input   stays the caller's
 * @param output  stays the caller's; -1: texts are not written
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_conversation_lines(roleauth_conversation *conversation, int input,
                            int output);

/**
 * Answers each prompt with the first line that a program prints, in the
 * manner of ssh-askpass(1): the text is its only argument, a non-zero exit
 * status cancels.  Messages go to output.  The program is started by
 * posix_spawn(3), without a shell, with the caller's environment.
 * @param program  path; a name without a slash is ROLEAUTH_E_ARGUMENT
 * @param output   stays the caller's; -1: messages are not shown
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_conversation_askpass(roleauth_conversation *conversation,
                              const char *program, int output);

/** Frees what one of the calls above made and clears the struct. */
ROLEAUTH_API void
roleauth_conversation_close(roleauth_conversation *conversation);

/* ------------------------------------------------------------------ */
/* The other seams: what tests and embedders replace                  */
/* ------------------------------------------------------------------ */

/** A moment on both clocks that a record is measured by. */
typedef struct roleauth_time {
    struct timespec realtime; /**< CLOCK_REALTIME, since 1970 */
    struct timespec boottime; /**< CLOCK_BOOTTIME, since boot, with sleep */
    unsigned char boot_id[16];
} roleauth_time;

/** Where the time comes from; clock_gettime(2) unless replaced. */
typedef struct roleauth_clock {
    /** @return 0, or -1: the clock cannot be read (fails closed) */
    int (*now)(void *data, roleauth_time *time);
    void *data;
} roleauth_clock;

/** One account, as getpwnam(3) and getspnam(3) tell it. */
typedef struct roleauth_account {
    int has_uid;        /**< 1: known to passwd(5) */
    uint32_t uid;
    int has_shadow;     /**< 1: known to shadow(5), and readable */
    char hash[ROLEAUTH_CRYPT_SIZE]; /**< sp_pwdp; wiped by the library */
    long last_change;   /**< sp_lstchg, days since 1970; -1: not set */
    long max_days;      /**< sp_max; -1: not set */
    long inactive_days; /**< sp_inact; -1: not set */
    long expire;        /**< sp_expire, days since 1970; -1: never */
} roleauth_account;

/** Where accounts come from; passwd(5) and shadow(5) unless replaced. */
typedef struct roleauth_users {
    /** Fills *account, which is zero but for the four fields of days, which
     *  are -1.  @return 0: found; ROLEAUTH_E_NOT_FOUND: neither
     *  database has it; ROLEAUTH_E_IO: cannot be told (shadow unreadable) */
    int (*lookup)(void *data, const char *name, roleauth_account *account);
    void *data;
} roleauth_users;

struct pam_conv; /* security/pam_appl.h */

/** What PAM needs to know to start a transaction. */
typedef struct roleauth_pam_start {
    const char *service;
    const char *user;
    const char *ruser; /**< PAM_RUSER, or NULL */
    const char *rhost; /**< PAM_RHOST, or NULL */
    const char *tty;   /**< PAM_TTY, or NULL */
    /** PAM's conversation; the transaction keeps a copy of the struct. */
    const struct pam_conv *conv;
} roleauth_pam_start;

/**
 * A PAM implementation; libpam unless replaced.  Returned numbers are PAM's
 * own (security/_pam_types.h).  authenticate and account_management are
 * called in this order on one transaction; authenticate once per try.
 */
typedef struct roleauth_pam {
    /** Is there such a service, with both auth and account lines?
     *  @return 0, ROLEAUTH_E_NOT_FOUND or ROLEAUTH_E_IO */
    int (*find)(void *data, const char *service, roleauth_error *error);
    int (*start)(void *data, const roleauth_pam_start *start,
                 void **transaction);
    int (*authenticate)(void *transaction, int flags);
    int (*account_management)(void *transaction, int flags);
    /** PAM_USER as it is now; NULL when unknown. */
    const char *(*user)(void *transaction);
    void (*end)(void *transaction, int status);
    void *data;
} roleauth_pam;

/** Names in a store are at most this many bytes of [A-Za-z0-9.-]. */
#define ROLEAUTH_STORE_NAME 128
/** Bytes of the largest thing that is kept in a store. */
#define ROLEAUTH_STORE_ITEM 1048576

/** The two places of a store: records may be lost, the state may not. */
typedef enum roleauth_area {
    ROLEAUTH_AREA_RECORDS,
    ROLEAUTH_AREA_STATE
} roleauth_area;

/**
 * Where records, key and sign-out state are kept: files unless replaced.
 * A store keeps bytes under names and need not understand them.  Nobody else
 * may read or write the state area, which holds the key; what is in the
 * records area is authenticated by the library, so that others must only be
 * kept from deleting it.  Calls may come from many threads and processes at
 * once.
 */
typedef struct roleauth_store {
    /** Reads a whole item.  @return 0 (*length bytes in buffer);
     *  ROLEAUTH_E_NOT_FOUND; ROLEAUTH_E_LIMIT: larger than size;
     *  ROLEAUTH_E_UNTRUSTED; ROLEAUTH_E_IO */
    int (*read)(void *data, roleauth_area area, const char *name,
                void *buffer, size_t size, size_t *length,
                roleauth_error *error);
    /** Replaces or makes an item, atomically.  The state area must have it
     *  on stable storage before it returns.  expires: CLOCK_REALTIME second
     *  after which the item may be dropped, 0: never. */
    int (*write)(void *data, roleauth_area area, const char *name,
                 const void *bytes, size_t length, int64_t expires,
                 roleauth_error *error);
    /** Makes an item only when there is none.  @return 0, also when another
     *  one is there already (read again to learn which one holds) */
    int (*create)(void *data, roleauth_area area, const char *name,
                  const void *bytes, size_t length, roleauth_error *error);
    /** Removes an item; 0 also when there was none. */
    int (*remove)(void *data, roleauth_area area, const char *name,
                  roleauth_error *error);
    /** Calls each for every name, with the expiry that was given to write.
     *  Items may come and go meanwhile; each may remove them. */
    int (*list)(void *data, roleauth_area area,
                void (*each)(void *each_data, const char *name,
                             int64_t expires),
                void *each_data, roleauth_error *error);
    /** Keeps other writers of the state out until unlock; never held while
     *  a person is asked.  @return 0; ROLEAUTH_E_IN_USE: somebody else has
     *  held it for too long; ROLEAUTH_E_LIMIT: there is no room for a lock,
     *  so that nobody holds one; ROLEAUTH_E_IO */
    int (*lock)(void *data, roleauth_error *error);
    void (*unlock)(void *data);
    /** Called once when the context is freed.  May be NULL. */
    void (*release)(void *data);
    void *data;
} roleauth_store;

/** Receives one event: a JSON object on one line, without the line end.
 *  @return 0, or -1: it could not be kept */
typedef int roleauth_event_fn(void *data, const char *line, size_t length);

/* ------------------------------------------------------------------ */
/* Context                                                            */
/* ------------------------------------------------------------------ */

/**
 * Configuration and seams.  Set up by one thread; from the first call that
 * uses it (roleauth_evaluate(), roleauth_select(), roleauth_status() ...) it
 * is immutable (setters return ROLEAUTH_E_IN_USE) and may be shared by
 * threads.
 */
typedef struct roleauth_context roleauth_context;

/** Settings that are text.  NULL or "" restores the default. */
typedef enum roleauth_text_setting {
    ROLEAUTH_STORE_DIRECTORY = 0, /**< records; default /run/roleauth */
    ROLEAUTH_STATE_DIRECTORY = 1, /**< key, state; default /var/lib/roleauth */
    ROLEAUTH_TIME_ZONE = 2,       /**< "Europe/Berlin"; default /etc/localtime */
    ROLEAUTH_PASSWD_SERVICE = 3,  /**< PAM service for getuserpasswd and
                                   submitconfirmuser; default: shadow(5) */
    ROLEAUTH_PAM_CONFDIR = 4,     /**< instead of /etc/pam.d and its like */
    ROLEAUTH_RETRY_MESSAGE = 5    /**< default "Sorry, try again." */
} roleauth_text_setting;

/** Settings that are numbers; for a switch 1 is on and 0 is off. */
typedef enum roleauth_number_setting {
    ROLEAUTH_PROMPT_TIMEOUT = 0,      /**< seconds for each prompt, 0 to 86400;
                                       default 0, no limit */
    ROLEAUTH_SURVIVE_REBOOT = 1,      /**< records outlive a reboot; default 0 */
    ROLEAUTH_ALLOW_NO_CHALLENGE = 2,  /**< a PAM success in which the user was
                                       not asked counts; default 0 */
    ROLEAUTH_SUBMIT_HOST_IS_LOCAL = 3, /**< the submit host is this host;
                                       default 0 */
    ROLEAUTH_SIGNOUT_INTERVAL = 4,    /**< seconds after which everything that is
                                       remembered ends, ROLEAUTH_MIN_INTERVAL
                                       to ROLEAUTH_MAX_INTERVAL; default 0,
                                       off */
    ROLEAUTH_SIGNOUT_BOOT = 5,        /**< a boot ends it, also where records
                                       survive one; default 0 */
    ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT = 6 /**< seconds for the sign-out command,
                                       1 to 3600; default 30 */
} roleauth_number_setting;

/** Must an accept be undone when this sink fails? */
typedef enum roleauth_duty {
    ROLEAUTH_OPTIONAL,
    ROLEAUTH_MANDATORY
} roleauth_duty;

/** A context with every setting at its default; NULL: out of memory. */
ROLEAUTH_API roleauth_context *roleauth_context_new(void);
/** No evaluation may be running in it. */
ROLEAUTH_API void roleauth_context_free(roleauth_context **context);

/** The file that roleauth_context_configure() reads when given NULL. */
#define ROLEAUTH_CONFIG_FILE "/etc/roleauth/roleauth.json"

/**
 * Reads a configuration file, roleauth.json(5), into a context.  Settings
 * that the file does not name keep what they had.
 * @param path    NULL: ROLEAUTH_CONFIG_FILE, which may be absent
 * @param report  receives every problem; NULL: only the first, in *error
 * @return 0; ROLEAUTH_E_IO; ROLEAUTH_E_UNTRUSTED: others could have written
 *         it; ROLEAUTH_E_INVALID (the context is then as it was);
 *         ROLEAUTH_E_IN_USE; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_configure(roleauth_context *context, const char *path,
                           roleauth_report *report, void *report_data,
                           roleauth_error *error);

/** As roleauth_context_configure(), to look at it: that others could have
 *  written the file is only a warning.  roleauth_evaluate() and
 *  roleauth_sign_out() then refuse the context. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_inspect(roleauth_context *context, const char *path,
                         roleauth_report *report, void *report_data,
                         roleauth_error *error);

/** @return 0; ROLEAUTH_E_ARGUMENT: not a value of this setting;
 *          ROLEAUTH_E_IN_USE; ROLEAUTH_E_NOMEM */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_text(roleauth_context *context,
                          roleauth_text_setting setting, const char *value,
                          roleauth_error *error);

/** @return as roleauth_context_set_text() */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_number(roleauth_context *context,
                            roleauth_number_setting setting, long value,
                            roleauth_error *error);

/** Lets a client variable of this name be used in "user", "service" and
 *  "fname".  @return as roleauth_context_set_text() */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_trust_client(roleauth_context *context, const char *name,
                              roleauth_error *error);

/**
 * Replaces the local times of each day at which everything that is remembered
 * ends.  A time that daylight saving skips counts at the next valid moment, one
 * that it repeats at its first occurrence.
 * @param times  count texts "HH:MM", 24 hours, in the configured time zone; up
 *               to ROLEAUTH_MAX_DAILY, no two the same
 * @return as roleauth_context_set_text()
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_signout_daily(roleauth_context *context,
                                   const char *const *times, size_t count,
                                   roleauth_error *error);

/**
 * Replaces the command that each sign-out runs, such as one that locks
 * sessions.  It is never given to a shell; roleauth_sign_out() says how it is
 * run.
 * @param arguments  count texts, up to ROLEAUTH_MAX_COMMAND; the first is the
 *                   program's path, which starts with a slash; count 0: none
 * @return as roleauth_context_set_text()
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_signout_command(roleauth_context *context,
                                     const char *const *arguments,
                                     size_t count, roleauth_error *error);

/** Forgets every event sink, the default one (syslog) too.
 *  @return 0; ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_IN_USE */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_clear_sinks(roleauth_context *context,
                             roleauth_error *error);

/** Adds a file to which events are appended, one line each.  Created with
 *  mode 0600 when absent; opened for each event, so that it may be rotated.
 *  The first added sink replaces the default one.
 *  @return as roleauth_context_set_text() */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_add_file_sink(roleauth_context *context, const char *path,
                               roleauth_duty duty, roleauth_error *error);

/** Adds syslog(3), facility LOG_AUTHPRIV.  openlog(3) is left to the
 *  caller.  It cannot be mandatory: syslog(3) does not tell failure. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_add_syslog_sink(roleauth_context *context,
                                 roleauth_error *error);

/** Adds a callback.  data stays the caller's and must outlive the context;
 *  it is called by whichever thread evaluates. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_add_callback_sink(roleauth_context *context,
                                   roleauth_event_fn *fn, void *data,
                                   roleauth_duty duty, roleauth_error *error);

/** Replaces a seam.  The struct is copied; what its data points to stays
 *  the caller's and must outlive the context.
 *  @return 0; ROLEAUTH_E_ARGUMENT: a function is missing;
 *          ROLEAUTH_E_IN_USE */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_clock(roleauth_context *context,
                           const roleauth_clock *clock,
                           roleauth_error *error);
/** As roleauth_context_set_clock(). */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_users(roleauth_context *context,
                           const roleauth_users *users,
                           roleauth_error *error);
/** As roleauth_context_set_clock(). */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_pam(roleauth_context *context, const roleauth_pam *pam,
                         roleauth_error *error);
/** As roleauth_context_set_clock(); the context calls store->release. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_context_set_store(roleauth_context *context,
                           const roleauth_store *store,
                           roleauth_error *error);

/* ------------------------------------------------------------------ */
/* Roles                                                              */
/* ------------------------------------------------------------------ */

/**
 * A loaded set of roles: immutable, reference counted, shared by threads.
 * roleauth_policy, below, holds the one in force and replaces it.
 */
typedef struct roleauth_roles roleauth_roles;

/**
 * Called while a load goes on, at most a few hundred times a phase, in the
 * thread that loads.
 * @param phase  what is being done, such as "reading"; several follow each
 *               other
 * @param done   0 to total
 * @param total  in units that only the phase knows; above 0
 */
typedef void roleauth_progress(void *data, const char *phase, size_t done,
                               size_t total);

/** How roles are loaded.  All zero is a good choice. */
typedef struct roleauth_loading {
    /** Receives every problem, warnings too; NULL: only the first error is
     *  told, in *error. */
    roleauth_report *report;
    void *report_data;
    roleauth_progress *progress; /**< may be NULL */
    void *progress_data;
    /** 1: the source must be an SQLite database; 0: whatever it is. */
    int database;
    /** 1: also warn of roles that can never match, because an enabled role
     *  before them matches whatever they match. */
    int lint;
    /** Warn of PAM services that prove nothing, looking where this context
     *  looks; NULL: services are not looked at. */
    roleauth_context *context;
} roleauth_loading;

#define ROLEAUTH_LOADING_INIT                                            \
    {                                                                    \
        NULL, NULL, NULL, NULL, 0, 0, NULL                               \
    }

/**
 * Loads roles, to decide with them.  What the file is shows from its content:
 * roles in JSON or an SQLite database, roleauth-roles(5), or a policy that
 * roleauth_roles_compile() wrote, which is mapped and not read.  Refused when
 * anyone but root or the effective user could have written or replaced it
 * (for a database, its journal files and its directory count too).
 * @param how  NULL: as all zero
 * @return 0; ROLEAUTH_E_IO; ROLEAUTH_E_UNTRUSTED; ROLEAUTH_E_INVALID;
 *         ROLEAUTH_E_LIMIT; ROLEAUTH_E_BUSY: a locked database;
 *         ROLEAUTH_E_NOMEM.  *roles is output only: NULL on failure, and what
 *         it held before is not freed, so load into another pointer than that
 *         of the set in force.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_load(roleauth_roles **roles, const char *path,
                    const roleauth_loading *how, roleauth_error *error);

/**
 * Loads roles to look at them: as roleauth_roles_load(), but that others
 * could have written the file is only a warning.  roleauth_evaluate()
 * refuses such a set when it is not trusted.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_inspect(roleauth_roles **roles, const char *path,
                       const roleauth_loading *how, roleauth_error *error);

/**
 * Loads roles in JSON from memory, for which the caller vouches.
 * @param name  what diagnostics call the source
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_parse(roleauth_roles **roles, const char *name,
                     const void *text, size_t length,
                     const roleauth_loading *how, roleauth_error *error);

/** Another reference to the same set; NULL for NULL.  Thread-safe, for who
 *  holds a reference; roleauth_policy gives references to threads. */
ROLEAUTH_API roleauth_roles *roleauth_roles_ref(roleauth_roles *roles);
/** Gives up a reference; the last one frees the set.  Thread-safe. */
ROLEAUTH_API void roleauth_roles_free(roleauth_roles **roles);

/** How many roles the set has, disabled ones too. */
ROLEAUTH_API size_t roleauth_roles_count(const roleauth_roles *roles);

/**
 * A column of a role as text: "name", "description", "message", "id",
 * "risk", "tag", "comment", "iolog", "rpt", "script".
 * @param index  0 to roleauth_roles_count() - 1, in the order of selection
 * @return NULL: absent, or no such role or column
 */
ROLEAUTH_API const char *roleauth_roles_column(const roleauth_roles *roles,
                                               size_t index,
                                               const char *column);

/**
 * Writes a set, with its index, as a file that roleauth_roles_load() maps
 * instead of reading it: for programs that live for one request.  The file is
 * replaced as a whole, with mode 0600 (or that of the file it replaces), or
 * not at all.  It holds the path of the source and its time of change, by
 * which loading it warns ("stale") when the source is newer.  It belongs to
 * this version of the library and this kind of machine.
 * @return 0; ROLEAUTH_E_IO; ROLEAUTH_E_UNTRUSTED: others can write to its
 *         directory, or could have written the roles; ROLEAUTH_E_INVALID: the
 *         roles are themselves a compiled policy, which is damaged;
 *         ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_compile(const roleauth_roles *roles, const char *path,
                       roleauth_error *error);

/**
 * Looks at a whole compiled policy, where loading looks at its header only:
 * ROLEAUTH_E_INVALID when a byte of it is not as it was written.
 * @return 0; ROLEAUTH_E_INVALID; ROLEAUTH_E_IO; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_verify(const char *path, roleauth_error *error);

/** What becomes of the roles that a database has already. */
typedef enum roleauth_store_mode {
    ROLEAUTH_STORE_ADD,    /**< they stay; a name that is taken is an error */
    ROLEAUTH_STORE_REPLACE /**< they go, and what restricts them */
} roleauth_store_mode;

/**
 * Writes a set into the table "role" of an SQLite database, which is made
 * with the reference's schema when it is absent, in one transaction: all of
 * it, or nothing.  Refuses what would change its meaning there, such as ids
 * that would put roles of equal rorder into another order.
 * @return 0; ROLEAUTH_E_IO; ROLEAUTH_E_UNTRUSTED: others can write to the
 *         database or its directory; ROLEAUTH_E_INVALID; ROLEAUTH_E_LIMIT;
 *         ROLEAUTH_E_BUSY; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_store(const roleauth_roles *roles, const char *database,
                     roleauth_store_mode mode, roleauth_error *error);

/**
 * Writes a set as JSON, an array of roles in the order of selection, that
 * loads as the same set.  Refuses a set with roles that JSON cannot say:
 * those that a database restricts by its link tables, and disabled ones with
 * what would be errors otherwise.
 * @param output  a descriptor; stays the caller's
 * @return 0; ROLEAUTH_E_INVALID; ROLEAUTH_E_IO; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_roles_write(const roleauth_roles *roles, int output,
                     roleauth_error *error);

/**
 * The set of roles in force, which a reload replaces as a whole while
 * evaluations run in other threads.  Loading it and taking a reference are
 * thread-safe; it is freed when no other thread uses it any more.
 */
typedef struct roleauth_policy roleauth_policy;

/** Without roles at first.  NULL: out of memory. */
ROLEAUTH_API roleauth_policy *roleauth_policy_new(void);
/** The set in force lives on until its last reference is given up. */
ROLEAUTH_API void roleauth_policy_free(roleauth_policy **policy);

/** roleauth_roles_load(), and what was loaded is in force from now on; when
 *  it fails, what was in force stays so.  Of loads that go on at once and
 *  succeed, the one that began last wins. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_policy_load(roleauth_policy *policy, const char *path,
                     const roleauth_loading *how, roleauth_error *error);

/** A reference to the set in force, to be given up with
 *  roleauth_roles_free(); NULL: there is none yet.  An evaluation keeps the
 *  set that it began with. */
ROLEAUTH_API roleauth_roles *roleauth_policy_roles(roleauth_policy *policy);

/* ------------------------------------------------------------------ */
/* Request                                                            */
/* ------------------------------------------------------------------ */

/** One request: variables, scope, conversation.  Used by one thread. */
typedef struct roleauth_request roleauth_request;

/** Who vouches for a variable. */
typedef enum roleauth_origin {
    ROLEAUTH_CLIENT, /**< submitted by the client: untrusted */
    ROLEAUTH_SERVER  /**< verified by the server itself */
} roleauth_origin;

/** What may be done with timestamp records. */
typedef enum roleauth_record_use {
    ROLEAUTH_RECORDS_USE,      /**< a valid record answers, proofs are kept */
    ROLEAUTH_RECORDS_NO_UPDATE,/**< a valid record answers, nothing is kept */
    ROLEAUTH_RECORDS_IGNORE    /**< ask anyway, nothing is kept */
} roleauth_record_use;

/** A request without variables, without a conversation (a prompt then
 *  REJECTs as "prompt-needed"), for whichever role matches.  NULL: out of
 *  memory. */
ROLEAUTH_API roleauth_request *roleauth_request_new(void);
ROLEAUTH_API void roleauth_request_free(roleauth_request **request);

/**
 * Sets a variable; a later value of the same origin and name wins, and a
 * client's never overrides the server's.  A client variable with a reserved
 * name (user, submithost, runuser, runhost, runconfirm*, the time
 * variables) is dropped, which the event notes.
 * @param name   [A-Za-z_][A-Za-z0-9_]*, up to ROLEAUTH_MAX_NAME bytes
 * @param value  UTF-8, up to ROLEAUTH_MAX_VALUE bytes
 * @return 0; ROLEAUTH_E_ARGUMENT: not such a name or value;
 *         ROLEAUTH_E_LIMIT; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set(roleauth_request *request, roleauth_origin origin,
                     const char *name, const char *value,
                     roleauth_error *error);

/** Takes the role of this name, without looking at its varmatch; NULL:
 *  whichever matches. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set_role(roleauth_request *request, const char *name,
                          roleauth_error *error);

/**
 * Narrows what is remembered to this session, such as a terminal and its
 * session leader's start time, or a client connection.  NULL: as wide as
 * the requester.  "" is ROLEAUTH_E_ARGUMENT, so that an absent terminal
 * does not widen the scope in silence.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set_scope(roleauth_request *request, const char *scope,
                           roleauth_error *error);

/** How the user is asked; the struct is copied, its data stays the
 *  caller's.  NULL: nobody can be asked. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set_conversation(roleauth_request *request,
                                  const roleauth_conversation *conversation,
                                  roleauth_error *error);

/** The default is ROLEAUTH_RECORDS_USE. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set_records(roleauth_request *request,
                             roleauth_record_use use, roleauth_error *error);

/** The request id of the event, 1 to 128 printable ASCII characters; NULL:
 *  a random one for each evaluation. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_request_set_id(roleauth_request *request, const char *id,
                        roleauth_error *error);

/* ------------------------------------------------------------------ */
/* Evaluation and its result                                          */
/* ------------------------------------------------------------------ */

/** Values are far apart in bits; test with roleauth_result_accepted(). */
typedef enum roleauth_decision {
    ROLEAUTH_REJECT = 0x165A3C69,
    ROLEAUTH_ACCEPT = 0x69A5C396,
    ROLEAUTH_ERROR = 0x2CC35AA5 /**< a rejection because something needed
                                     did not work */
} roleauth_decision;

/** X(name, number, word, prose): the stable reasons.  Numbers are never
 *  given anew; later versions may add some. */
#define ROLEAUTH_REASONS(X)                                                  \
    X(ROLEAUTH_REASON_INTERNAL, 0, "internal", "internal error")                \
    X(ROLEAUTH_REASON_OK, 1, "ok", "every method succeeded")                    \
    X(ROLEAUTH_REASON_ROLE_ACTION, 2, "role-action", "the role rejects")        \
    X(ROLEAUTH_REASON_NO_ROLE, 3, "no-matching-role", "no role matches")        \
    X(ROLEAUTH_REASON_WRONG_PASSWORD, 4, "wrong-password", "wrong password")    \
    X(ROLEAUTH_REASON_CANCELLED, 5, "cancelled", "cancelled or end of input")   \
    X(ROLEAUTH_REASON_TIMEOUT, 6, "timeout", "no answer in time")               \
    X(ROLEAUTH_REASON_PROMPT_NEEDED, 7, "prompt-needed", "nobody can be asked") \
    X(ROLEAUTH_REASON_NO_CHALLENGE, 8, "no-challenge",                          \
      "a success in which the user was neither asked nor shown anything")    \
    X(ROLEAUTH_REASON_LOCKED, 9, "account-locked", "the account is locked")     \
    X(ROLEAUTH_REASON_EXPIRED, 10, "account-expired", "the account has expired") \
    X(ROLEAUTH_REASON_DENIED, 11, "account-denied",                              \
      "account management denies access")                                    \
    X(ROLEAUTH_REASON_PASSWORD_EXPIRED, 12, "password-expired",                  \
      "the password must be changed")                                        \
    X(ROLEAUTH_REASON_UNDEFINED, 13, "undefined-variable",                       \
      "a template names an undefined variable")                              \
    X(ROLEAUTH_REASON_BAD_ATTRIBUTE, 14, "bad-attribute",                        \
      "an attribute is not usable after expansion")                          \
    X(ROLEAUTH_REASON_UNAVAILABLE, 15, "unavailable",                            \
      "something needed does not work")

typedef enum roleauth_reason {
#define ROLEAUTH_X(name, number, word, prose) name = (number),
    ROLEAUTH_REASONS(ROLEAUTH_X)
#undef ROLEAUTH_X
} roleauth_reason;

/** The stable word of a reason, such as "wrong-password"; never NULL. */
ROLEAUTH_API const char *roleauth_reason_word(roleauth_reason reason);
/** "accept", "reject" or "error"; "error" for anything unknown. */
ROLEAUTH_API const char *roleauth_decision_word(roleauth_decision decision);

/** One method that ran. */
typedef struct roleauth_method_result {
    const char *method;         /**< such as "getuserpasswd" */
    const char *user;           /**< whose password; NULL: none */
    const char *service;        /**< PAM service; NULL: none */
    roleauth_decision decision;
    roleauth_reason reason;
    int cached;                 /**< 1: a record answered, nobody was asked */
    unsigned attempts;          /**< answers that were checked */
} roleauth_method_result;

/** The outcome of one evaluation; immutable. */
typedef struct roleauth_result roleauth_result;

/**
 * Selects the first role that matches the request, runs its Auth methods in
 * order, writes one event, and remembers what was proved.  Blocks while the
 * user types and while a check runs; PAM modules run in this process.
 *
 * Fails closed: whatever goes wrong, the result is not an accept.
 *
 * @param result  set to a result to be freed, or to NULL on failure
 * @return 0: there is a result, of whichever decision; ROLEAUTH_E_ARGUMENT,
 *         ROLEAUTH_E_UNTRUSTED (roles from roleauth_roles_inspect() that
 *         others could have written) or ROLEAUTH_E_NOMEM: nothing was
 *         evaluated and there is no result
 * Thread safety: context and roles may be shared, request may not.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_evaluate(roleauth_context *context, const roleauth_roles *roles,
                  const roleauth_request *request, roleauth_result **result,
                  roleauth_error *error);

/** 1 if and only if the decision is accept; 0 for NULL. */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_result_accepted(const roleauth_result *result);

ROLEAUTH_API roleauth_decision
roleauth_result_decision(const roleauth_result *result);
ROLEAUTH_API roleauth_reason
roleauth_result_reason(const roleauth_result *result);
/** The selected role; NULL: none, or it has no name. */
ROLEAUTH_API const char *roleauth_result_role(const roleauth_result *result);
/** What the user was shown as the outcome; NULL: nothing. */
ROLEAUTH_API const char *
roleauth_result_message(const roleauth_result *result);
/** For the log, not for the user; NULL: none. */
ROLEAUTH_API const char *
roleauth_result_reject_message(const roleauth_result *result);
/** The request id under which the event was written. */
ROLEAUTH_API const char *roleauth_result_id(const roleauth_result *result);

/** Methods that ran, in order. */
ROLEAUTH_API size_t
roleauth_result_method_count(const roleauth_result *result);
/** NULL when index is out of range. */
ROLEAUTH_API const roleauth_method_result *
roleauth_result_method(const roleauth_result *result, size_t index);

/** The role's variables, expanded; none unless accepted. */
ROLEAUTH_API size_t
roleauth_result_variable_count(const roleauth_result *result);
/** @param name  set to the variable's name when not NULL
 *  @return its value; NULL when index is out of range */
ROLEAUTH_API const char *
roleauth_result_variable(const roleauth_result *result, size_t index,
                         const char **name);
/** The value of one of the role's variables; NULL: it has none such. */
ROLEAUTH_API const char *
roleauth_result_get(const roleauth_result *result, const char *name);

/** Things worth knowing that decided nothing: store problems, dropped
 *  client variables, a success without a challenge. */
ROLEAUTH_API size_t roleauth_result_note_count(const roleauth_result *result);
ROLEAUTH_API const char *roleauth_result_note(const roleauth_result *result,
                                              size_t index);

/** The result as one JSON object on one line, as `roleauth eval --json`
 *  prints it.  To be freed with free(3); NULL: out of memory. */
ROLEAUTH_API char *roleauth_result_json(const roleauth_result *result);

ROLEAUTH_API void roleauth_result_free(roleauth_result **result);

/* ------------------------------------------------------------------ */
/* Selection alone                                                    */
/* ------------------------------------------------------------------ */

typedef enum roleauth_selected {
    ROLEAUTH_SELECTED_NONE,    /**< no role matches */
    ROLEAUTH_SELECTED_ROLE,
    ROLEAUTH_SELECTED_BARRIER  /**< a role that cannot be honoured matches */
} roleauth_selected;

/** Which role applies.  name and why belong to the role set. */
typedef struct roleauth_selection {
    roleauth_selected kind;
    size_t index;     /**< of the role; meaningless for NONE */
    const char *name; /**< NULL: none, or a role without a name */
    const char *why;  /**< of a barrier: why it cannot be honoured */
} roleauth_selection;

/** Finds the role that roleauth_evaluate() would select; runs nothing.
 *  @return 0; ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_NOMEM; ROLEAUTH_E_INVALID: a
 *          compiled policy that is damaged; ROLEAUTH_E_IO: the clock cannot
 *          be read */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_select(roleauth_context *context, const roleauth_roles *roles,
                const roleauth_request *request,
                roleauth_selection *selection, roleauth_error *error);

/** A condition of the selected role, which holds. */
typedef struct roleauth_match {
    const char *variable;
    const char *value;
    const char *pattern; /**< the one that matched */
} roleauth_match;

/** Why a role before the selected one does not match. */
typedef struct roleauth_mismatch {
    size_t index;         /**< of the role */
    const char *role;     /**< its name; may be NULL */
    int disabled;         /**< 1: the role is disabled; nothing else is set */
    const char *variable; /**< the first variable that failed */
    const char *value;    /**< its value; NULL: undefined */
    const char *pattern;  /**< the pattern, or the patterns joined by " | " */
    size_t matched;       /**< how many of its variables match */
    size_t variables;     /**< how many variables it names */
} roleauth_mismatch;

/** Why a request selects the role that it selects; immutable.  Refers to the
 *  set of roles, which it keeps alive, and holds copies of the values. */
typedef struct roleauth_explanation roleauth_explanation;

/**
 * As roleauth_select(), and says why.
 * @param most  roles before the selected one (all roles when none is) that
 *              are told: when there are more, those of which the most
 *              variables match; 0: all
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_explain(roleauth_context *context, roleauth_roles *roles,
                 const roleauth_request *request, size_t most,
                 roleauth_explanation **explanation, roleauth_error *error);
ROLEAUTH_API void
roleauth_explanation_free(roleauth_explanation **explanation);

ROLEAUTH_API const roleauth_selection *
roleauth_explanation_selection(const roleauth_explanation *explanation);
/** The conditions of the selected role; none where it was asked for by name.
 *  NULL when index is out of range. */
ROLEAUTH_API size_t
roleauth_explanation_match_count(const roleauth_explanation *explanation);
ROLEAUTH_API const roleauth_match *
roleauth_explanation_match(const roleauth_explanation *explanation,
                           size_t index);
/** The roles before it: in the order of selection when all are told, else
 *  the nearest miss first.  NULL when index is out of range. */
ROLEAUTH_API size_t
roleauth_explanation_miss_count(const roleauth_explanation *explanation);
ROLEAUTH_API const roleauth_mismatch *
roleauth_explanation_miss(const roleauth_explanation *explanation,
                          size_t index);
/** How many roles before it are not told. */
ROLEAUTH_API size_t
roleauth_explanation_left_out(const roleauth_explanation *explanation);

/* ------------------------------------------------------------------ */
/* What is remembered                                                 */
/* ------------------------------------------------------------------ */

/** What ends everything that is remembered. */
typedef enum roleauth_trigger {
    ROLEAUTH_TRIGGER_NONE = 0,
    ROLEAUTH_TRIGGER_INTERVAL = 1, /**< ROLEAUTH_SIGNOUT_INTERVAL */
    ROLEAUTH_TRIGGER_DAILY = 2,    /**< roleauth_context_set_signout_daily() */
    ROLEAUTH_TRIGGER_BOOT = 3,     /**< ROLEAUTH_SIGNOUT_BOOT */
    ROLEAUTH_TRIGGER_HAND = 4      /**< roleauth_sign_out() */
} roleauth_trigger;

/** "interval", "daily", "boot" or "hand"; "none" for anything else. */
ROLEAUTH_API const char *roleauth_trigger_word(roleauth_trigger trigger);

/** One valid timestamp record.  Lives only during the callback.  Its period or
 *  a trigger ends it, whichever comes first: left, ended_by, trigger and
 *  ends_at tell of that one. */
typedef struct roleauth_record {
    const char *fname;
    const char *method;
    const char *user;        /**< who was authenticated */
    const char *service;     /**< PAM service; NULL: none */
    const char *requester;   /**< NULL: none */
    const char *submit_host; /**< NULL: none */
    const char *scope;       /**< NULL: as wide as the requester */
    int64_t proved_at;       /**< CLOCK_REALTIME second of the proof */
    uint32_t period;         /**< seconds, as recorded */
    uint32_t age;            /**< seconds since the proof */
    uint32_t left;           /**< seconds until it ends */
    const char *ended_by;    /**< "period", or the word of trigger */
    roleauth_trigger trigger; /**< NONE: its period */
    int64_t ends_at;         /**< CLOCK_REALTIME second of its end */
    int ends_at_boot;        /**< 1: a boot before that would end it too */
} roleauth_record;

/**
 * Lists the valid records.  Changes nothing, not even an expired record.
 * @return 0; ROLEAUTH_E_IO or ROLEAUTH_E_UNTRUSTED: the store cannot be
 *         read; ROLEAUTH_E_NOMEM.  A store that was never used is empty.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_status(roleauth_context *context,
                void (*each)(void *data, const roleauth_record *record),
                void *data, roleauth_error *error);

/** A moment at which everything that is remembered ends. */
typedef struct roleauth_moment {
    roleauth_trigger trigger; /**< NONE: there is no such moment */
    int64_t at;               /**< CLOCK_REALTIME second; 0 for NONE */
} roleauth_moment;

/**
 * Tells the latest trigger moment up to now and the next one after it, whether
 * or not anything was remembered or signed out then.  No record from before
 * the latest one is valid.  Changes nothing.
 *
 * The moments of an interval are counted from the last full sign-out, else
 * from the making of the key of the records, which is itself the first one: a
 * store that was never used has none.  The boot is only ever the latest
 * moment.
 * @param latest  may be NULL
 * @param next    may be NULL
 * @return 0; ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_IO: the clock or the store cannot
 *         be read, or the date is outside the years 1 to 9999;
 *         ROLEAUTH_E_UNTRUSTED: the store is not private; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_triggers(roleauth_context *context, roleauth_moment *latest,
                  roleauth_moment *next, roleauth_error *error);

/**
 * Ends what is remembered, for good, runs the configured sign-out command, and
 * writes one event.
 *
 * The command is run after the revocation, which stands whatever becomes of
 * it; without a shell, in a process group of its own, in the directory "/",
 * with /dev/null as its standard input and an environment of PATH, LANG=C,
 * ROLEAUTH_TRIGGER (the word of what triggered the sign-out) and, where only
 * they were signed out, ROLEAUTH_USER and ROLEAUTH_FNAME.  The start of what
 * it prints goes to the event.  After ROLEAUTH_SIGNOUT_COMMAND_TIMEOUT seconds
 * the whole group is killed.  A program that others could have written or
 * replaced is not run.  The call waits for it.
 * @param user   only proofs of, or requested by, this user; NULL: anyone's
 * @param fname  only proofs of this fname; NULL: any
 * @param ended  set to the number of valid records that ended; may be NULL
 * @return 0; negative: not revoked, or (ROLEAUTH_E_IO with a text that says
 *         so) revoked but a mandatory sink failed.  Where the state cannot be
 *         written (a full disk), everything is revoked by removing the key:
 *         0, with error->code 0 and a note in error->text.  So is a command
 *         that was not run, or failed.
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_sign_out(roleauth_context *context, const char *user,
                  const char *fname, size_t *ended, roleauth_error *error);

/**
 * roleauth_sign_out() of everything, when a trigger moment has passed since
 * the last full sign-out, else since the making of the key of the records;
 * does nothing, and writes no event, otherwise.  May be called often and by
 * many processes at once, of which one signs out.  Several moments that have
 * passed, as while the machine was off, count as one.
 * @param trigger  set to what triggered the sign-out; ROLEAUTH_TRIGGER_NONE:
 *                 none was due.  Also set where the call fails once it has
 *                 signed out.  May be NULL.
 * @param ended    as for roleauth_sign_out()
 * @return as roleauth_sign_out()
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_sign_out_due(roleauth_context *context, roleauth_trigger *trigger,
                      size_t *ended, roleauth_error *error);

/** What became of a sign-out command. */
typedef enum roleauth_command_end {
    ROLEAUTH_COMMAND_NONE = 0,    /**< none is configured */
    ROLEAUTH_COMMAND_EXITED = 1,  /**< command_code is its exit status */
    ROLEAUTH_COMMAND_KILLED = 2,  /**< command_code is the signal */
    ROLEAUTH_COMMAND_TIMEOUT = 3, /**< it took too long and was killed */
    ROLEAUTH_COMMAND_NOT_RUN = 4, /**< absent, not to be trusted ... */
    ROLEAUTH_COMMAND_UNKNOWN = 5  /**< it was started, but the program that
                                       signed out did not see its end */
} roleauth_command_end;

/** "none", "exited", "killed", "timeout", "not-run"; "unknown" for anything
 *  else. */
ROLEAUTH_API const char *roleauth_command_word(roleauth_command_end end);

/** One sign-out of the past.  Lives only during the callback.  The texts are
 *  what was given to roleauth_sign_out(); make them visible before showing. */
typedef struct roleauth_sign_out_record {
    int64_t at;               /**< CLOCK_REALTIME second; 0: not known */
    roleauth_trigger trigger;
    const char *user;         /**< NULL: anyone's */
    const char *fname;        /**< NULL: any */
    uint64_t ended;           /**< how many valid records ended */
    roleauth_command_end command;
    int command_code;         /**< exit status or signal */
} roleauth_sign_out_record;

/**
 * Tells the last sign-outs, up to ROLEAUTH_MAX_SIGN_OUTS, newest first.  They
 * are kept with the state, so that they outlive the log.  Changes nothing.
 * @return 0, also when there was none, or what was kept of them is damaged;
 *         ROLEAUTH_E_ARGUMENT; ROLEAUTH_E_IO or ROLEAUTH_E_UNTRUSTED: the
 *         store cannot be read; ROLEAUTH_E_NOMEM
 */
ROLEAUTH_API ROLEAUTH_MUST_CHECK int
roleauth_sign_outs(roleauth_context *context,
                   void (*each)(void *data,
                                const roleauth_sign_out_record *sign_out),
                   void *data, roleauth_error *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLEAUTH_H */
