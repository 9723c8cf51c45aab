//! What a process has used, from `/proc`; nothing where there is no such thing.

/// Processor time of a process so far.
pub(crate) fn cpu_millis(process: u32) -> u64 {
    /// What Linux counts it in, towards programs.
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name, which may have spaces in it: user and system time are the 12th and 13th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|it| it.parse::<u64>().ok()).sum();
    ticks * 1_000 / TICKS_PER_SECOND
}

/// The most memory a process has had, as far as it is resident.
pub(crate) fn peak_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

/// Lets what [`peak_bytes`] says begin with what is in memory now.
pub(crate) fn forget_peak(process: u32) {
    // Where this may not be, the peak is that of all rounds.
    let _denied = std::fs::write(format!("/proc/{process}/clear_refs"), "5");
}
