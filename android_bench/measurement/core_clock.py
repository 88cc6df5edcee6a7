"""The clock of one core of this machine, as cpufreq tells it."""

from pathlib import Path

from android_bench.measurement.conditions import CPU_FOLDER, read_text


class CoreClock:
    """Frequencies in kHz; None where the system does not say."""

    def __init__(self, core: int, folder: Path = CPU_FOLDER) -> None:
        self.cpufreq = folder / f"cpu{core}" / "cpufreq"
        self.known = self.cpufreq.is_dir()  # asked once: it is read between samples

    def frequency_khz(self) -> int | None:
        return self.read("scaling_cur_freq")

    def limit_khz(self) -> int | None:
        """What the core may run at; a falling one means that it is throttled."""
        return self.read("scaling_max_freq")

    def highest_khz(self) -> int | None:
        """What the core is made for."""
        return self.read("cpuinfo_max_freq")

    def read(self, name: str) -> int | None:
        text = read_text(self.cpufreq / name) if self.known else None
        return int(text) if text and text.isdecimal() else None
