//! How far an import is, for whoever watches it on a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::cli::input::is_standard_input;
use crate::quote::words::grouped;

/// How often it is drawn.
const PAUSE: Duration = Duration::from_millis(100);
/// How many cells the bar has.
const CELLS: u64 = 24;

/// A line that is drawn over and over again.
pub(super) struct Progress {
    /// How many bytes have been read, of how many; how many is not known of standard input.
    pub(super) read: Arc<AtomicU64>,
    bytes: Option<u64>,
    begun: Instant,
    drawn: Option<Instant>,
    /// Nobody watches a pipe or a file.
    is_watched: bool,
}

impl Progress {
    /// For these files.
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let size = |file: &PathBuf| {
            if is_standard_input(file) {
                return None;
            }
            std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file).map(|it| it.len())
        };
        let bytes = files.iter().map(size).try_fold(0, |sum: u64, size| sum.checked_add(size?));
        let is_watched = io::stderr().is_terminal();
        Self { read: Arc::default(), bytes, begun: Instant::now(), drawn: None, is_watched }
    }

    /// How long it has been going on.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Draws it, if that was not done a moment ago.
    pub(super) fn show(&mut self, events: u64) {
        if self.is_watched && self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
            self.drawn = Some(Instant::now());
            let read = self.read.load(Ordering::Relaxed);
            say(&format!("\r\x1b[K{}", line(read, self.bytes, events, self.elapsed())));
        }
    }

    /// Makes room for something else to be said.
    pub(super) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            say("\r\x1b[K");
        }
    }
}

/// What is lost here would only have been looked at.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _lost = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn line(read: u64, bytes: Option<u64>, events: u64, elapsed: Duration) -> String {
    let millis = elapsed.as_millis().max(1);
    let rate = u128::from(events).saturating_mul(1_000).checked_div(millis).unwrap_or_default();
    let (events, rate) = (grouped(events), grouped(rate));
    let rest = format!("{events} events   {rate}/s");
    let Some(bytes) = bytes.filter(|bytes| *bytes > 0) else { return rest };
    let read = read.min(bytes);
    let part = |whole: u64| {
        let part = u128::from(read).saturating_mul(whole.into()).checked_div(bytes.into());
        part.and_then(|part| usize::try_from(part).ok()).unwrap_or_default()
    };
    let full = "█".repeat(part(CELLS));
    let empty = "░".repeat(part(CELLS).abs_diff(usize::try_from(CELLS).unwrap_or_default()));
    let left = millis.saturating_mul(bytes.abs_diff(read).into()).checked_div(read.max(1).into());
    let seconds = left.unwrap_or_default().div_ceil(1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:3} %   {full}{empty}   {rest}   {minutes}:{seconds:02} left", part(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_how_fast_and_how_long() {
        let after = |read, bytes, seconds| line(read, bytes, 12_000, Duration::from_secs(seconds));
        let half = "█".repeat(12) + &"░".repeat(12);
        let expected = format!(" 50 %   {half}   12\u{a0}000 events   1\u{a0}200/s   0:10 left");
        assert_eq!(after(500, Some(1_000), 10), expected);
        assert!(after(1, Some(1_000), 10).ends_with("166:30 left"));
        assert!(after(2_000, Some(1_000), 10).starts_with("100 %"));
        assert_eq!(after(500, None, 0), "12\u{a0}000 events   12\u{a0}000\u{a0}000/s");
    }
}
