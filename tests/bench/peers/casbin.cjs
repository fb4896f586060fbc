// SPDX-License-Identifier: MIT
// node-casbin: each role a policy line, the first line that allows is the
// answer.  casbin's own globMatch() would compile each glob for each request,
// and its * stops at a slash; this function keeps what it compiled, which is
// the kinder comparison.
//
// casbin.cjs DIRECTORY
'use strict';
const casbin = require('casbin');
const {readRoles, readRequests, variablesOf, time, run} =
    require('./common.cjs');

// A glob of ASCII, in which every bracket closes.
function regexpOf(glob) {
    const classes = {alpha: 'A-Za-z', digit: '0-9', lower: 'a-z',
        upper: 'A-Z', alnum: 'A-Za-z0-9'};

    return glob.replace(/\[!?(?:\[:\w+:\]|[^\]])[^\]]*\]|[^]/g, (part) => {
        if (part === '*')
            return '[^]*';
        if (part === '?')
            return '[^]';
        if (part.length > 1)
            return part.replace(/^\[!/, '[^')
                .replace(/\[:(\w+):\]/g, (all, name) => classes[name]);
        return part.replace(/[.+^${}()|[\]\\\/]/, '\\$&');
    });
}

const compiled = new Map();

// Does the value match one of the patterns, which have newlines between them?
// An empty cell: the role does not name the variable.
function globs(value, cell) {
    if (cell === '')
        return true;
    if (value === undefined)
        return false;
    let made = compiled.get(cell);
    if (made === undefined) {
        made = new RegExp(
            '^(?:' + cell.split('\n').map(regexpOf).join('|') + ')$');
        compiled.set(cell, made);
    }
    return made.test(value);
}

async function main(directory) {
    const roles = readRoles(directory), requests = readRequests(directory);
    const variables = variablesOf(roles);
    const names = variables.map((name, i) => 'v' + i);
    const model = casbin.newModelFromString([
        '[request_definition]', 'r = ' + names.join(', '),
        '[policy_definition]', 'p = number, ' + names.join(', '),
        '[policy_effect]', 'e = some(where (p.eft == allow))',
        '[matchers]',
        'm = ' + names.map((v) => `globs(r.${v}, p.${v})`).join(' && '),
    ].join('\n'));
    const enforcer = await casbin.newEnforcer(model);
    const lines = roles.map((role) => {
        const cells = new Map(role.conditions);

        return [String(role.number), ...variables.map((name) =>
            (cells.get(name) ?? []).join('\n'))];
    });

    await enforcer.addFunction('globs', globs);
    const start = process.hrtime.bigint();
    await enforcer.addPolicies(lines);
    console.log(`casbin_load\t${process.hrtime.bigint() - start}`);
    run('casbin', directory, requests, (request) => {
        const [allowed, line] = enforcer.enforceExSync(
            ...variables.map((name) => request[name]));

        return allowed ? Number(line[0]) : -1;
    });
}

main(process.argv[2] ?? '.').catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
