// SPDX-License-Identifier: MIT
// RE2::Set on the patterns of one variable: which of many globs does a value
// match, and which comes first?
//
// re2 DIRECTORY: reads patterns and values as generate.c writes them, writes
// answers.re2 (the first pattern that matches each value, or -1) and
// prints lines of "NAME<tab>VALUE", times in nanoseconds.
#include <re2/set.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace
{

constexpr int rounds = 9;
constexpr size_t repeat_below = 2000; // ns, as in bench_select.c

volatile long sink;

// A glob of ASCII, in which every bracket closes, as a regular expression.
std::string regexp_of(const std::string &glob)
{
    std::string made;

    for (size_t i = 0; i < glob.size(); i++) {
        if (glob[i] == '*') {
            made += ".*";
        } else if (glob[i] == '?') {
            made += '.';
        } else if (glob[i] == '[') {
            size_t end = glob.find(']', i + 2);

            // The ] of [:class:] is not the end.
            while (end != std::string::npos && glob[end - 1] == ':')
                end = glob.find(']', end + 1);
            std::string set = glob.substr(i, end - i + 1);
            if (set[1] == '!')
                set[1] = '^';
            made += set;
            i = end;
        } else {
            made += RE2::QuoteMeta(glob.substr(i, 1));
        }
    }
    return made;
}

double now()
{
    using clock = std::chrono::steady_clock;

    return std::chrono::duration<double, std::nano>(
               clock::now().time_since_epoch())
        .count();
}

double part(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>((values.size() - 1) * share)];
}

struct globs {
    std::vector<long> numbers; // of the roles, by index in the set
    RE2::Set set;

    globs() : set(options(), RE2::ANCHOR_BOTH)
    {
    }

    static RE2::Options options()
    {
        RE2::Options made(RE2::Quiet);

        // Quicker than UTF-8; the dot shall match a newline too.
        made.set_encoding(RE2::Options::EncodingLatin1);
        made.set_dot_nl(true);
        // Enough to keep its automaton for the largest set that it takes.
        made.set_max_mem(int64_t{4} << 30);
        return made;
    }

    // The first role that matches; -1: none, -2: it gave up.
    long first(const std::string &value) const
    {
        std::vector<int> matches;
        RE2::Set::ErrorInfo error{RE2::Set::kNoError};

        if (!set.Match(value, &matches, &error))
            return error.kind == RE2::Set::kNoError ? -1 : -2;
        return numbers[static_cast<size_t>(
            *std::min_element(matches.begin(), matches.end()))];
    }
};

bool read_patterns(const std::string &path, globs &all)
{
    std::ifstream file(path);
    std::string line;

    while (std::getline(file, line)) {
        size_t tab = line.find('\t');
        std::string error;

        if (all.set.Add(regexp_of(line.substr(tab + 1)), &error) < 0) {
            std::cerr << line << ": " << error << "\n";
            return false;
        }
        all.numbers.push_back(std::stol(line));
    }
    return !all.numbers.empty();
}

double time_one(const globs &all, const std::string &value, size_t repeats)
{
    double start = now();

    for (size_t i = 0; i < repeats; i++)
        sink = all.first(value);
    return (now() - start) / static_cast<double>(repeats);
}

void time_all(const globs &all, const std::vector<std::string> &values)
{
    std::vector<std::vector<double>> times(values.size());
    std::vector<double> medians;
    double sum = 0;
    size_t repeats;

    for (const std::string &value : values)
        sum += time_one(all, value, 1);
    sum /= static_cast<double>(values.size());
    repeats =
        sum < repeat_below ? static_cast<size_t>(repeat_below / sum) + 1 : 1;
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < values.size(); i++)
            times[i].push_back(time_one(all, values[i], repeats));
    for (const std::vector<double> &of_value : times)
        medians.push_back(part(of_value, 0.5));
    std::cout << "re2_median\t" << part(medians, 0.5) << "\nre2_p99\t"
              << part(medians, 0.99) << "\n";
}

} // namespace

int main(int argc, char **argv)
{
    const std::string directory = argc == 2 ? argv[1] : ".";
    std::ifstream file(directory + "/values");
    std::vector<std::string> values;
    std::string line;
    globs all;
    size_t gave_up = 0;
    double start = now();

    if (!read_patterns(directory + "/patterns", all) || !all.set.Compile()) {
        std::cerr << "re2: cannot compile the patterns\n";
        return 1;
    }
    std::cout << "re2_compile\t" << now() - start << "\n";
    while (std::getline(file, line))
        values.push_back(line);
    std::ofstream answers(directory + "/answers.re2");
    std::vector<double> unseen; // states of its automaton are made on demand
    for (const std::string &value : values) {
        double begin = now();
        long first = all.first(value);

        unseen.push_back(now() - begin);
        gave_up += first == -2;
        answers << first << "\n";
    }
    std::cout << "re2_unseen_median\t" << part(unseen, 0.5) << "\n";
    std::cout << "re2_gave_up\t" << gave_up << "\n";
    if (gave_up == 0)
        time_all(all, values);
    return answers.good() ? 0 : 1;
}
