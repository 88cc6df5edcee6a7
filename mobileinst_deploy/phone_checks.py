"""Whether a phone is fit to measure on: one check a fact, each with what to do about it."""

from collections.abc import Callable, Iterator

from android_bench.device.facts import describe_clusters
from android_bench.device.profiles import contradictions, matching_profile
from mobileinst_deploy.fitness import Check, Examined, Verdict

ABI = "arm64-v8a"
GATE_C = 45.0  # the default of `bench --max-temperature`
LOW_BATTERY = 20  # percent; below, phones slow down to save
NEEDED_MIB = 200  # the runner, a bundle and its outputs
SLOW_GOVERNORS = ("powersave",)


def judge(phone: Examined) -> tuple[Check, ...]:
    return tuple(check for look in LOOKS for check in look(phone))


def verdict(good: bool, else_: Verdict) -> Verdict:
    return "ok" if good else else_


def identity(phone: Examined) -> Iterator[Check]:
    facts = phone.facts
    names = (facts.manufacturer, facts.model, facts.soc)
    name = " ".join(filter(None, names)) or "a phone without a name"
    if facts.emulated:
        yield Check("phone", "warn", name, "emulated: correctness only, no latency means anything")
    else:
        yield Check("phone", "ok", f"{name}, Android {facts.android_version or '?'}")
    advice = "" if facts.abi == ABI else f"the runner is built for {ABI}: use another phone"
    yield Check("ABI", verdict(facts.abi == ABI, "fail"), facts.abi or "unknown", advice)


def storage(phone: Examined) -> Iterator[Check]:
    place, found = phone.facts.storage, phone.probe
    fault = found.write_fault
    yield Check(
        "storage, write",
        verdict(not fault, "fail"),
        fault or place,
        f"a shell has to write to {place}: free some space, restart the phone" if fault else "",
    )
    fault = found.execute_fault
    yield Check(
        "storage, execute",
        verdict(not fault, "fail"),
        fault or place,
        f"programs in {place} must be allowed to start: a work profile may forbid it"
        if fault
        else "",
    )
    room = found.free_mib
    enough = room is not None and room >= NEEDED_MIB
    yield Check(
        "storage, free",
        verdict(enough, "warn" if room is None else "fail"),
        "unknown" if room is None else f"{room} MiB",
        "" if enough else f"{NEEDED_MIB} MiB have to be free",
    )


def cores(phone: Examined) -> Iterator[Check]:
    facts = phone.facts
    known = any(core.max_khz or core.capacity for core in facts.cores)
    yield Check(
        "clusters",
        verdict(known, "warn"),
        describe_clusters(facts) or "none",
        "" if known else "the system hides the cores' speeds: give --core a number",
    )
    off = [str(core.number) for core in facts.cores if not core.online]
    if off:
        yield Check(
            "cores that are off", "warn", ", ".join(off), "switch the power saving mode off"
        )
    mask = phone.probe.pinned_to
    if mask == (phone.core,):
        yield Check("pinning", "ok", f"core {phone.core}")
    else:
        found = f"allowed on {', '.join(map(str, mask))}" if mask else "can't tell"
        yield Check("pinning", "warn", found, "the runner verifies the core of every sample")
    profile = None if facts.emulated else matching_profile(facts)
    for line in contradictions(facts, profile) if profile else ():
        yield Check("profile", "warn", line, "its roofline may not hold for this phone")


def clock(phone: Examined) -> Iterator[Check]:
    khz, limit = phone.state.frequency_khz, phone.state.frequency_max_khz
    found = "hidden" if khz is None else f"{khz / 1000:.0f} MHz now, {(limit or 0) / 1000:.0f} most"
    advice = "a throttled run can be told by its samples only" if khz is None else ""
    yield Check(f"clock of core {phone.core}", verdict(khz is not None, "warn"), found, advice)
    governors = {core.governor for core in phone.facts.cores if core.number == phone.core}
    governor = next(iter(governors), None) or "unknown"
    slow = governor in SLOW_GOVERNORS
    yield Check(
        "governor",
        verdict(not slow, "warn"),
        governor,
        "switch the power saving mode off" if slow else "",
    )


def warmth(phone: Examined) -> Iterator[Check]:
    hottest = phone.state.hottest_c
    if hottest is None:
        advice = "only the battery's temperature can be watched"
        yield Check("CPU temperature", "warn", "hidden", advice)
    else:
        cool = hottest <= GATE_C
        advice = "" if cool else f"bench waits until it is below {GATE_C:g} °C: let it cool"
        yield Check("CPU temperature", verdict(cool, "warn"), f"{hottest:.1f} °C", advice)


def power(phone: Examined) -> Iterator[Check]:
    battery = phone.facts.battery
    if battery.level is not None:
        enough = battery.level >= LOW_BATTERY
        advice = "" if enough else "phones slow down when it is low: charge it first"
        yield Check("battery", verdict(enough, "warn"), f"{battery.level} %", advice)
    if battery.charging and battery.level != 100:
        yield Check("charging", "warn", "yes", "it heats the phone: charge it fully, or use Wi-Fi")


def screen(phone: Examined) -> Iterator[Check]:
    is_on = phone.facts.screen_on
    found = {True: "on", False: "off", None: "unknown"}[is_on]
    advice = "" if is_on else "some cores are for what is in front: switch it on, unlock"
    yield Check("screen", verdict(bool(is_on), "warn"), found, advice)


def arithmetic(phone: Examined) -> Iterator[Check]:
    names = phone.facts.features
    advice = "" if "fp16" in names else "fp16 arithmetic falls back: use fp32 or fp16-storage"
    found = ", ".join(names) or "none known"
    yield Check("instructions", verdict("fp16" in names, "warn"), found, advice)


LOOKS: tuple[Callable[[Examined], Iterator[Check]], ...] = (
    *(identity, storage, cores, clock, warmth, power, screen, arithmetic),
)
