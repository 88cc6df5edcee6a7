# Facts about an Android device, for a POSIX sh with toybox. Prints sections: a line "== NAME", then
# the section's lines, each behind one space. What is missing or denied gives an empty section.
# Usage: sh device_facts.sh

section() {
    printf '== %s\n' "$*"
}

indent() {
    sed 's/^/ /'
}

show() { # NAME COMMAND ...
    section "$1"
    shift
    "$@" 2>/dev/null </dev/null | indent
}

property() {
    getprop "$1" 2>/dev/null </dev/null
}

files() { # NAME FOLDER FILE ...: a section of FILE=FIRST LINE
    lines="== $1"
    folder=$2
    shift 2
    for file in "$@"; do
        value=
        { IFS= read -r value <"$folder/$file" || true; } 2>/dev/null
        [ -z "$value" ] || lines="$lines
 $file=$value"
    done
    printf '%s\n' "$lines" # once: on Android printf is a program
}

for name in ro.product.manufacturer ro.product.model ro.soc.model ro.soc.manufacturer \
    ro.board.platform ro.product.cpu.abi ro.build.version.release ro.build.version.sdk \
    ro.build.fingerprint ro.boot.qemu ro.kernel.qemu debug.mobileinst.exec_prefix \
    debug.mobileinst.sysfs debug.mobileinst.storage; do
    show "property $name" getprop "$name"
done

# Only an emulated device may say that its files lie elsewhere.
sysfs=/sys
if [ "$(property ro.boot.qemu)" = 1 ] || [ "$(property ro.kernel.qemu)" = 1 ]; then
    other=$(property debug.mobileinst.sysfs)
    sysfs=${other:-$sysfs}
fi

show sysfs printf '%s\n' "$sysfs"
show kernel uname -sr
show cpuinfo cat /proc/cpuinfo
show memory cat /proc/meminfo
show page getconf PAGE_SIZE
show battery dumpsys battery
section power
dumpsys power 2>/dev/null </dev/null | grep mWakefulness= | indent
show present cat "$sysfs/devices/system/cpu/present"
show online cat "$sysfs/devices/system/cpu/online"

for folder in "$sysfs"/devices/system/cpu/cpu[0-9]*; do
    [ -d "$folder" ] || continue
    files "core ${folder##*/cpu}" "$folder" cpu_capacity \
        cpufreq/cpuinfo_max_freq cpufreq/cpuinfo_min_freq cpufreq/scaling_max_freq \
        cpufreq/scaling_governor cpufreq/related_cpus
done

for folder in "$sysfs"/class/thermal/thermal_zone*; do
    [ -d "$folder" ] || continue
    files "zone $folder" "$folder" type temp
done
