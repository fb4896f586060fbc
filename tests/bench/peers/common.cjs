// SPDX-License-Identifier: MIT
// What casbin.cjs and cedar.cjs share: the set, the answers, the times.
'use strict';
const fs = require('fs');
const path = require('path');

const ROUNDS = 5;

// The enabled roles in the order of selection, each with its number there.
function readRoles(directory) {
    const roles = JSON.parse(
        fs.readFileSync(path.join(directory, 'roles.json'), 'utf8'));

    // Array.prototype.sort is stable: ties keep the order of the file.
    roles.sort((a, b) => (a.rorder ?? 0) - (b.rorder ?? 0));
    return roles.map((role, number) => ({role, number}))
        .filter(({role}) => !role.disabled)
        .map(({role, number}) => ({
            number,
            conditions: Object.entries(role.varmatch)
                .map(([variable, patterns]) => [variable, [].concat(patterns)]),
        }));
}

function readRequests(directory) {
    return fs.readFileSync(path.join(directory, 'requests.json'), 'utf8')
        .split('\n').filter((line) => line !== '')
        .map((line) => JSON.parse(line));
}

// The names of all variables that roles have conditions on.
function variablesOf(roles) {
    return [...new Set(roles.flatMap((role) =>
        role.conditions.map(([variable]) => variable)))];
}

function part(values, share) {
    const sorted = [...values].sort((a, b) => a - b);

    return sorted[Math.floor((sorted.length - 1) * share)];
}

// Runs fn; milliseconds become nanoseconds.
function time(fn) {
    const start = process.hrtime.bigint();

    fn();
    return Number(process.hrtime.bigint() - start);
}

// Writes the answers (the number of a role, or -1), and prints the median and
// the 99th percentile over the requests of each one's median.
function run(name, directory, requests, answer) {
    const answers = requests.map(answer);
    const times = requests.map(() => []);

    fs.writeFileSync(path.join(directory, 'answers.' + name),
        answers.map((number) => number + '\n').join(''));
    for (let round = 0; round < ROUNDS; round++)
        requests.forEach((request, i) =>
            times[i].push(time(() => answer(request))));
    const medians = times.map((of) => part(of, 0.5));
    console.log(`${name}_median\t${part(medians, 0.5)}`);
    console.log(`${name}_p99\t${part(medians, 0.99)}`);
}

module.exports = {readRoles, readRequests, variablesOf, time, run};
