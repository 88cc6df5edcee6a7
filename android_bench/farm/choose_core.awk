# Which core to measure on, by the rules of device/cores.py and device/facts.py.
# Reads what device_facts.sh prints; asked: prime, big, little, a number, or "" for the fastest.
# Prints the number; or the clusters and exits with 5.

function number(text) {
    return text ~ /^ *-?[0-9]+ *$/ ? text + 0 : 0
}

function each(text, set,    parts, ends, count, i, core) { # "0-3,7" or "4 5 6"
    count = split(text, parts, /[^0-9-]+/)
    for (i = 1; i <= count; i++) {
        if (split(parts[i], ends, "-") == 0) continue
        for (core = ends[1] + 0; core <= (ends[2] == "" ? ends[1] : ends[2]) + 0; core++) {
            set[core] = 1
            if (core > last) last = core
        }
    }
}

function fact(core, name) {
    if ((core, name) in facts) return number(facts[core, name])
    return core in peer && (peer[core], name) in facts ? number(facts[peer[core], name]) : 0
}

function speed(core) {
    return all_have_capacity ? fact(core, "cpu_capacity") : fact(core, "cpufreq/cpuinfo_max_freq")
}

function cluster(core,    faster, slower, other) { # faster, slower: speeds, each counted once
    if (!speed(core)) return nothing_known ? "big" : "unknown"
    faster = slower = 0
    for (other in speeds) {
        if (other + 0 > speed(core)) faster++
        if (other + 0 < speed(core)) slower++
    }
    if (faster + slower < 2) return faster ? "little" : "big"
    return !faster ? "prime" : !slower ? "little" : "big"
}

$1 == "==" {
    section = $2
    core = $3
    if (section == "core") {
        found[core + 0] = 1
        if (core + 0 > last) last = core + 0
    }
    next
}
section == "core" {
    text = substr($0, 2)
    at = index(text, "=")
    name = substr(text, 1, at - 1)
    facts[core + 0, name] = substr(text, at + 1)
    if (name != "cpufreq/related_cpus") next
    split("", related)
    each(substr(text, at + 1), related)
    for (other in related) peer[other + 0] = core + 0
}
section == "present" { each($0, present); any_present = 1 }
section == "online" { each($0, online); any_online = 1 }

END {
    all_have_capacity = 1
    for (core = 0; core <= last; core++) {
        if (!(core in present) && !(core in found)) continue
        cores[core] = 1
        if (!any_online && (any_present ? core in present : core in found)) online[core] = 1
        if (!fact(core, "cpu_capacity")) all_have_capacity = 0
    }
    nothing_known = 1
    for (core in cores) {
        if (!speed(core)) continue
        nothing_known = 0
        speeds[speed(core)] = 1
    }
    for (core = 0; core <= last; core++) {
        if (!(core in cores)) continue
        name = cluster(core)
        described[name] = described[name] " " core (core in online ? "" : " (off)")
        if (!(core in online)) continue
        if (asked ~ /^[0-9]+$/ && core == asked + 0) chosen[asked] = core
        chosen[name] = core
    }
    split("prime big little unknown", names, " ")
    for (i = 1; i <= 4; i++) {
        name = names[i]
        if (asked == "" && name in chosen) asked = name
        if (name in described) choice = choice (choice == "" ? "" : "; ") name described[name]
    }
    if (asked in chosen) {
        print chosen[asked]
        exit
    }
    print choice
    exit 5
}
