// SPDX-License-Identifier: MIT
// Cedar, in WebAssembly: each role a policy with "like" conditions.  Cedar has
// no order and no first match: it says which policies apply, and the first of
// those is the answer.  Its patterns have no metacharacter but *.
//
// cedar.cjs DIRECTORY
'use strict';
const cedar = require('@cedar-policy/cedar-wasm/nodejs');
const {readRoles, readRequests, time, run} = require('./common.cjs');

function policyOf(role) {
    const conditions = role.conditions.map(([variable, patterns]) =>
        `context has ${variable} && (` + patterns.map((pattern) =>
            `context.${variable} like ${JSON.stringify(pattern)}`)
            .join(' || ') + ')');

    return 'permit(principal, action, resource) when { ' +
        conditions.join(' && ') + ' };';
}

function check(answer) {
    if (answer.type !== 'success')
        throw new Error(JSON.stringify(answer.errors));
    return answer;
}

function main(directory) {
    const roles = readRoles(directory), requests = readRequests(directory);
    const policies = {};
    const it = (type) => ({type, id: 'it'});

    for (const role of roles)
        policies[String(role.number)] = policyOf(role);
    const taken = time(() => check(
        cedar.preparsePolicySet('bench', {staticPolicies: policies})));
    console.log(`cedar_load\t${taken}`);
    run('cedar', directory, requests, (request) => {
        const {response} = check(cedar.statefulIsAuthorized({
            principal: it('User'), action: it('Action'), resource: it('Host'),
            context: request, entities: [],
            preparsedPolicySetId: 'bench',
        }));

        if (response.diagnostics.errors.length > 0)
            throw new Error(JSON.stringify(response.diagnostics.errors));
        const first = Math.min(...response.diagnostics.reason.map(Number));

        return Number.isFinite(first) ? first : -1;
    });
}

main(process.argv[2] ?? '.');
