/* SPDX-License-Identifier: MIT */
/* roleauth(1): libroleauth on the command line. */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tool.h"

static const struct command commands[] = {
    {"eval", "select the role, run its Auth, print the result", command_eval},
    {"match", "print the role that matches, run nothing", command_match},
    {"lint", "print every error and warning of roles", command_lint},
    {"compile", "write roles as a file that is fast to load", command_compile},
    {"import", "write roles into a database", command_import},
    {"export", "print roles as JSON", command_export},
    {"hash", "print the hash of a password for \"passwd\"", command_hash},
    {"glob", "print the strings that match a pattern", command_glob},
    {"status", "print what is remembered", command_status},
    {"signout", "end what is remembered", command_signout},
    {"schedule", "install, show and remove timers of sign-out",
     command_schedule},
    {"log", "print events readably", command_log},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_commands(FILE *file)
{
    (void)fprintf(file, "usage: roleauth COMMAND [OPTION]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(file, "  %-8s %s\n", commands[i].name,
                      commands[i].summary);
    (void)fprintf(file, "\nroleauth COMMAND --help tells more; see also "
                        "roleauth(1).\n");
}

/* Whoever started us may have closed the standard descriptors, and would have
 * the log or a record opened in their place. */
static bool open_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

/* libcrypto would spend a third of a short run on tables of names and error
 * texts that nothing here looks at; its configuration still counts. */
static void start_crypto(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                                  OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                                  OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
                              NULL);
}

static void prepare_process(void)
{
    /* No password in a core file, whatever else happens. */
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    /* A reader that goes away, or a file size limit, must not end us before
     * the event is written. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
    if (!open_standard())
        return EXIT_UNAVAILABLE;
    prepare_process();
    start_crypto();
    if (argc < 2) {
        print_commands(stderr);
        return EXIT_UNUSABLE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_commands(stdout);
        return finish(EXIT_YES);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("roleauth %s\n", roleauth_version());
        return finish(EXIT_YES);
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    (void)fprintf(stderr, "roleauth: there is no command ");
    put_visible(stderr, argv[1]);
    (void)fprintf(stderr, "; see roleauth --help\n");
    return EXIT_UNUSABLE;
}
