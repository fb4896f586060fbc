/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { OPTION_CRYPT = OPTION_OWN, OPTION_STDIN };

static const char text[] =
    "usage: roleauth hash [--crypt] [--stdin]\n"
    "\n"
    "Reads a password twice and prints its hash for the \"passwd\" of\n"
    "getstringpasswd.\n"
    "\n"
    "  --crypt  a salted hash of the system's kind (recommended)\n"
    "  --stdin  read one line of standard input instead\n"
    "  --help   print this\n";

static const struct option options[] = {
    {"crypt", no_argument, NULL, OPTION_CRYPT},
    {"stdin", no_argument, NULL, OPTION_STDIN},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

#define SIZE (ROLEAUTH_MAX_PASSWORD + 1)

/* Both answers; wiped by the caller. */
struct answers {
    char first[SIZE], second[SIZE];
};

static int ask(roleauth_conversation *conversation, const char *prompt_text,
               char reply[SIZE])
{
    roleauth_prompt prompt = {ROLEAUTH_PROMPT_SECRET, prompt_text, reply, SIZE,
                              0};

    if (conversation->converse(conversation->data, &prompt, 1, 0) !=
        ROLEAUTH_ANSWERED) {
        (void)fputs("roleauth: no password was given\n", stderr);
        return EXIT_NO;
    }
    if (prompt.reply_length == ROLEAUTH_REPLY_UNUSABLE) {
        (void)fprintf(stderr,
                      "roleauth: a password has up to %d bytes and no NUL\n",
                      ROLEAUTH_MAX_PASSWORD);
        return EXIT_UNUSABLE;
    }
    return EXIT_YES;
}

static int read_password(bool from_stdin, struct answers *answers)
{
    roleauth_conversation conversation;
    int rc = from_stdin
                 ? roleauth_conversation_lines(&conversation, STDIN_FILENO, -1)
                 : roleauth_conversation_terminal(&conversation, NULL);
    int status;

    if (rc != 0) {
        (void)fprintf(stderr, "roleauth: %s\n", roleauth_strerror(rc));
        return EXIT_UNAVAILABLE;
    }
    status = ask(&conversation, "Password: ", answers->first);
    if (status == EXIT_YES && !from_stdin) {
        status = ask(&conversation, "The same again: ", answers->second);
        if (status == EXIT_YES &&
            strcmp(answers->first, answers->second) != 0) {
            (void)fputs("roleauth: the passwords are not the same\n", stderr);
            status = EXIT_NO;
        }
    }
    if (conversation.finish != NULL)
        conversation.finish(conversation.data);
    roleauth_conversation_close(&conversation);
    return status;
}

static int print_hash(bool crypt, const char *password)
{
    char hash[ROLEAUTH_CRYPT_SIZE];
    int rc = crypt ? roleauth_password_crypt(password, hash)
                   : roleauth_password_hash(password, hash);

    if (rc != 0) {
        (void)fprintf(stderr, "roleauth: %s\n", roleauth_strerror(rc));
        return EXIT_UNAVAILABLE;
    }
    (void)puts(hash);
    return EXIT_YES;
}

int command_hash(int argc, char **argv)
{
    struct answers answers;
    bool crypt = false, from_stdin = false;
    int option, status;

    while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_HELP:
            return help(text);
        case OPTION_CRYPT:
            crypt = true;
            break;
        case OPTION_STDIN:
            from_stdin = true;
            break;
        default:
            return usage("hash", "an option is wrong");
        }
    }
    if (optind < argc)
        return usage("hash", "a password is not given as an argument, where "
                             "others could see it");
    memset(&answers, 0, sizeof(answers));
    status = read_password(from_stdin, &answers);
    if (status == EXIT_YES)
        status = print_hash(crypt, answers.first);
    explicit_bzero(&answers, sizeof(answers));
    return status;
}
