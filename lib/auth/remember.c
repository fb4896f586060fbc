/* SPDX-License-Identifier: MIT */
/* Where an evaluation meets the timestamp records. */
#include "auth/engine.h"

#include <string.h>

#include "base/error.h"

static bool may_use(const struct ra_evaluation *ev, size_t index)
{
    const struct ra_ready_method *method = &ev->role.methods[index];

    return ev->request->records != ROLEAUTH_RECORDS_IGNORE &&
           method->fname != NULL && method->period > 0;
}

static void note(struct ra_evaluation *ev, const char *what)
{
    ra_result_note(ev->result, "timestamp records: %s", what);
}

static const char *service_in(const struct ra_evaluation *ev, size_t index)
{
    const roleauth_method_result *done =
        roleauth_result_method(ev->result, index);

    return done != NULL ? done->service : NULL;
}

static struct ra_binding binding_of(const struct ra_evaluation *ev,
                                    size_t index, const char *service)
{
    const struct ra_ready_method *method = &ev->role.methods[index];
    const struct ra_step *step = &ev->steps[index];
    const struct ra_binding binding = {
        .fname = method->fname,
        .method = method->name,
        .user = method->user,
        .has_uid = step->has_uid,
        .uid = step->uid,
        .service = service,
        .requester = ra_vars_get(ev->request->vars, "user", NULL),
        .submit_host = ra_vars_get(ev->request->vars, "submithost", NULL),
        .scope = ev->request->scope,
    };

    return binding;
}

void ra_remember_open(struct ra_evaluation *ev)
{
    struct ra_records_config config = ra_context_records(ev->context);
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    bool wanted = false;
    int rc;

    for (size_t i = 0; i < ev->role.method_count; i++)
        wanted = wanted || may_use(ev, i);
    if (!wanted)
        return;
    rc = ev->request->records == ROLEAUTH_RECORDS_NO_UPDATE
             ? ra_records_open_existing(&ev->records, &config, &why)
             : ra_records_open(&ev->records, &config, &why);
    if (rc != 0 && rc != ROLEAUTH_E_NOT_FOUND)
        note(ev, why.text);
}

/* Is the account what it was when the record was made? */
static const char *changed(const struct ra_evaluation *ev,
                           const struct ra_check *check,
                           const roleauth_account *account,
                           const struct ra_proof_record *found)
{
    unsigned char credential[RA_SHA256_SIZE];

    if ((account->has_shadow != 0) != found->has_credential)
        return "the account's shadow entry came or went since";
    if (found->has_credential &&
        (!ra_records_credential(ev->records, check->user, account->hash,
                                credential) ||
         !ra_equal(credential, found->credential, sizeof(credential))))
        return "the password was changed since";
    return check->service != NULL ? ra_recheck_pam(check) : NULL;
}

bool ra_remember_find(struct ra_evaluation *ev, size_t index,
                      const struct ra_check *check)
{
    struct ra_step *step = &ev->steps[index];
    roleauth_error why = ROLEAUTH_ERROR_INIT;
    roleauth_account account;
    struct ra_binding binding;
    const char *fault;
    bool hit = false;
    int rc;

    if (ev->records == NULL || !may_use(ev, index))
        return false;
    memset(&account, 0, sizeof(account));
    fault = ra_recheck_account(check, &account);
    step->has_uid = account.has_uid != 0;
    step->uid = account.uid;
    binding = binding_of(ev, index, check->service);
    if (ra_binding_fault(&binding) != NULL)
        goto out; /* told when the proof is not kept */
    rc = ra_records_find(ev->records, &binding, ev->role.methods[index].period,
                         &step->proof, &why);
    if (rc == 0) {
        if (fault == NULL)
            fault = changed(ev, check, &account, &step->proof);
        if (fault != NULL)
            note(ev, fault);
        hit = fault == NULL;
    } else if (rc != ROLEAUTH_E_NOT_FOUND) {
        note(ev, why.text);
    }
out:
    explicit_bzero(&account, sizeof(account));
    return hit;
}

bool ra_remember_revoked(struct ra_evaluation *ev, size_t index)
{
    struct ra_binding binding = binding_of(ev, index, service_in(ev, index));

    return ev->records == NULL || ra_records_revoked(ev->records, &binding);
}

void ra_remember_proof(struct ra_evaluation *ev, size_t index,
                       const struct ra_verdict *verdict,
                       const roleauth_time *method_started)
{
    const struct ra_ready_method *method = &ev->role.methods[index];
    struct ra_step *step = &ev->steps[index];
    const roleauth_account *account = &verdict->account;
    struct ra_binding binding;
    const char *fault;

    if (ev->records == NULL || !may_use(ev, index) ||
        ev->request->records != ROLEAUTH_RECORDS_USE || !verdict->challenged)
        return;
    if (verdict->unsettled) {
        note(ev, "not kept: the account changed meanwhile, or shadow(5) "
                 "cannot be read");
        return;
    }
    memset(&step->proof, 0, sizeof(step->proof));
    step->has_uid = account->has_uid != 0;
    step->uid = account->uid;
    step->proof.period = method->period;
    step->proof.has_credential = account->has_shadow != 0;
    if (!ra_talk_answered_at(ev->talk, &step->proof.proved_at))
        step->proof.proved_at = *method_started;
    binding = binding_of(ev, index, service_in(ev, index));
    fault = ra_binding_fault(&binding);
    if (fault == NULL && step->proof.has_credential &&
        !ra_records_credential(ev->records, method->user, account->hash,
                               step->proof.credential))
        fault = "the account's credential cannot be recorded";
    if (fault != NULL)
        note(ev, fault);
    step->keep = fault == NULL;
}

void ra_remember_save(struct ra_evaluation *ev)
{
    for (size_t i = 0; i < ev->role.method_count; i++) {
        roleauth_error why = ROLEAUTH_ERROR_INIT;
        struct ra_binding binding;
        int rc;

        if (!ev->steps[i].keep)
            continue;
        binding = binding_of(ev, i, service_in(ev, i));
        rc = ra_records_save(ev->records, &binding, &ev->steps[i].proof, &why);
        if (rc == ROLEAUTH_E_NOT_FOUND)
            note(ev, "not kept: signed out meanwhile");
        else if (rc != 0)
            note(ev, why.text);
    }
}
