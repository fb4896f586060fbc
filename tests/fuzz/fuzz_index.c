/* SPDX-License-Identifier: MIT */
/* The input is rules, then questions.  The index and the scan must agree, and
 * a rule that is said to be covered never applies before the one that covers
 * it.  Or the input goes on with damage to the block, which must do no
 * harm. */
#include "match/rules.h"
#include "support/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_RULES = 255, QUESTIONS = 12, DAMAGES = 8 };

/* Rules that are looked at before the index is asked. */
enum { AHEAD = 64 };

struct run {
    struct rs_choice choice;
    struct rs_pool pool;
    struct ruleset set;
    char texts[RS_VARIABLES][RS_TEXT];
    struct rs_variable variables[RS_VARIABLES + 1];
};

/* Ends the program, so that the fuzzer keeps the input. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Any bytes, but few of them. */
static void raw(struct rs_choice *choice, char text[RS_TEXT])
{
    size_t length = rs_below(choice, 12);

    memset(text, 0, RS_TEXT);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)rs_next(choice);
}

static void make_rules(struct run *run)
{
    size_t rules = 1 + rs_below(&run->choice, MOST_RULES);

    rs_fill_pool(&run->choice, &run->pool);
    for (size_t i = 0; i < run->pool.count; i++)
        if (rs_below(&run->choice, 4) == 3)
            raw(&run->choice, run->pool.patterns[i]);
    must(rs_begin(&run->set));
    rs_add_disabled(&run->set, AHEAD);
    for (size_t i = 0; i < rules; i++)
        rs_add_random(&run->set, &run->choice, &run->pool);
    must(rs_end(&run->set, NULL) == 0);
}

static void make_question(struct run *run)
{
    rs_ask_random(&run->choice, &run->pool, run->texts, run->variables);
    if (rs_below(&run->choice, 4) == 3)
        raw(&run->choice, run->texts[rs_below(&run->choice, RS_VARIABLES)]);
}

static void agree(struct run *run)
{
    struct ra_question question = rs_question(run->variables);
    size_t wanted, found;

    must(ra_index_scan(&run->set.block, &question, &wanted) == 0);
    must(ra_index_first(&run->set.block, &question, &found) == 0);
    must(wanted == found);
}

static bool applies(struct run *run, size_t rule)
{
    struct ra_question question = rs_question(run->variables);
    struct ra_rule_view view;
    size_t failed;

    must(ra_rule_view(&run->set.block, rule, &view));
    must(ra_rule_failure(&run->set.block, rule, &question, &failed) == 0);
    return view.enabled && failed == view.conditions;
}

/* by[i]: what is said to cover rule i. */
static void find_covers(struct run *run, size_t *by, size_t rules)
{
    ra_cover *cover = ra_cover_new(&run->set.block);

    must(cover != NULL);
    for (size_t i = 0; i < rules; i++) {
        must(ra_cover_find(cover, i, &by[i]) == 0);
        must(by[i] == RA_NO_RULE || by[i] < i);
    }
    ra_cover_free(&cover);
}

static void check(struct run *run)
{
    size_t rules = ra_index_rules(&run->set.block);
    size_t by[AHEAD + MOST_RULES];

    find_covers(run, by, rules);
    for (int i = 0; i < QUESTIONS; i++) {
        make_question(run);
        agree(run);
        for (size_t j = 0; j < rules; j++)
            if (by[j] != RA_NO_RULE && applies(run, j))
                must(applies(run, by[j]));
    }
}

/* ---- damage ---- */

/* False: ra_block_open() would refuse it. */
static bool damage(struct run *run)
{
    const struct ra_section *text = &run->set.block.sections[RA_BLOCK_TEXT];
    unsigned char *bytes = (unsigned char *)run->set.block.bytes;
    size_t count = 1 + rs_below(&run->choice, DAMAGES);

    while (count-- > 0) {
        size_t place = rs_below(&run->choice, 256) << 8;

        place = (place | rs_below(&run->choice, 256)) %
                (run->set.block.size - RA_BLOCK_HEADER);
        bytes[RA_BLOCK_HEADER + place] ^= (unsigned char)rs_next(&run->choice);
    }
    return text->items[1] == '\0' && text->items[text->count - 1] == '\0';
}

static void bear(struct run *run)
{
    struct ra_question question = rs_question(run->variables);
    ra_cover *cover = ra_cover_new(&run->set.block);
    size_t rule, by;
    int code;

    must(cover != NULL);
    for (int i = 0; i < QUESTIONS; i++) {
        make_question(run);
        code = ra_index_first(&run->set.block, &question, &rule);
        must(code == 0 || code == ROLEAUTH_E_INVALID);
        if (rule != RA_NO_RULE)
            must(code == 0 && applies(run, rule));
        code = ra_cover_find(cover, AHEAD + rs_below(&run->choice, MOST_RULES),
                             &by);
        must(code == 0 || code == ROLEAUTH_E_INVALID);
    }
    ra_cover_free(&cover);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    bool damaged;

    memset(&run, 0, sizeof(run));
    run.choice = (struct rs_choice){data, size, 0};
    damaged = rs_below(&run.choice, 4) == 3;
    make_rules(&run);
    if (!damaged)
        check(&run);
    else if (damage(&run))
        bear(&run);
    rs_free(&run.set);
    return 0;
}
