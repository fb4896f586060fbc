/* SPDX-License-Identifier: MIT */
/* Compares roleauth_glob_match() with a table: pattern, string and "match" or
 * "nomatch", separated by tabs, with the escapes of C (\n \t \\ \xHH).  Built
 * by hand, for tables of other projects' test cases. */
#include <roleauth.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void unescape(char *text)
{
    char *to = text;

    while (*text != '\0') {
        char hex[3] = "";

        if (*text != '\\' || text[1] == '\0') {
            *to++ = *text++;
            continue;
        }
        text++;
        if (*text == 'x' && strspn(text + 1, "0123456789abcdefABCDEF") >= 2) {
            memcpy(hex, text + 1, 2);
            *to++ = (char)strtoul(hex, NULL, 16);
            text += 3;
            continue;
        }
        *to++ = *text == 'n'   ? '\n'
                : *text == 't' ? '\t'
                : *text == 'r' ? '\r'
                               : *text;
        text++;
    }
    *to = '\0';
}

int main(int argc, char **argv)
{
    unsigned long rows = 0, wrong = 0;
    char *line = NULL;
    size_t size = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

    if (file == NULL) {
        (void)fprintf(stderr, "usage: glob_table FILE\n");
        return 2;
    }
    while (getline(&line, &size, file) > 0) {
        char *rest = line, *pattern = strsep(&rest, "\t");
        char *text = strsep(&rest, "\t"), *expected = strsep(&rest, "\t\n");
        int match;

        if (expected == NULL)
            continue;
        unescape(pattern);
        unescape(text);
        match = roleauth_glob_match(pattern, text);
        rows++;
        if (match != (strcmp(expected, "match") == 0)) {
            wrong++;
            (void)printf("%s\t%s\texpected %s\n", pattern, text, expected);
        }
    }
    (void)printf("%lu rows, %lu mismatches\n", rows, wrong);
    free(line);
    (void)fclose(file);
    return wrong == 0 ? 0 : 1;
}
