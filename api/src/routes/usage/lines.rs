//! A body of lines, read as it arrives.

use super::upload::Arriving;
use crate::metering::intake::{EVENT_BYTES, not_text, too_long};
use crate::problem::{Fault, Problem};

/// How much is taken in at once: so many bytes, and so many lines at most.
pub(super) const CHUNK_BYTES: usize = 256_000;
const CHUNK_LINES: usize = 10_000;

/// Lines of a body.
pub(super) struct Lines {
    body: Arriving,
    /// What has arrived and was not handed out.
    read: Vec<u8>,
    at_end: bool,
    /// How many lines were handed out.
    given: u64,
}

/// Some lines that follow each other.
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// The number of the first, from 1.
    first: u64,
}

impl Lines {
    pub(super) const fn of(body: Arriving) -> Self {
        Self { body, read: Vec::new(), at_end: false, given: 0 }
    }

    /// How many lines were handed out, blank ones among them.
    pub(super) const fn given(&self) -> u64 {
        self.given
    }

    /// The next lines, as many as arrive together; nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Chunk>, Problem> {
        while self.read.len() < CHUNK_BYTES && self.arrives().await? {}
        if self.read.is_empty() {
            return Ok(None);
        }
        if !self.at_end && !self.read.contains(&b'\n') {
            self.skip_line().await?;
        }
        let (end, lines) = self.whole_lines();
        let rest = self.read.split_off(end);
        let bytes = std::mem::replace(&mut self.read, rest);
        let first = self.given.saturating_add(1);
        self.given = self.given.saturating_add(lines);
        Ok(Some(Chunk { bytes, first }))
    }

    /// Waits for more; false, if there is none.
    async fn arrives(&mut self) -> Result<bool, Problem> {
        match self.body.next().await? {
            None => self.at_end = true,
            Some(more) => self.read.extend_from_slice(&more),
        }
        Ok(!self.at_end)
    }

    /// Forgets the rest of a line that is too long, but for as much as shows that.
    async fn skip_line(&mut self) -> Result<(), Problem> {
        loop {
            self.read.truncate(EVENT_BYTES.saturating_add(1));
            let kept = self.read.len();
            if !self.arrives().await? {
                return Ok(());
            }
            let more = self.read.get(kept..).unwrap_or_default();
            if let Some(end) = more.iter().position(|byte| *byte == b'\n') {
                self.read.drain(kept..kept.saturating_add(end));
                return Ok(());
            }
        }
    }

    /// Where the lines end that are whole, and how many there are. The last line of a body is whole
    /// without a line break.
    fn whole_lines(&self) -> (usize, u64) {
        let (mut end, mut lines) = (0, 0_usize);
        let ends = self.read.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        for (at, _) in ends.take(CHUNK_LINES) {
            end = at.saturating_add(1);
            lines = lines.saturating_add(1);
        }
        if self.at_end && lines < CHUNK_LINES && end < self.read.len() {
            (end, lines) = (self.read.len(), lines.saturating_add(1));
        }
        (end, u64::try_from(lines).unwrap_or(u64::MAX))
    }
}

impl Chunk {
    /// A body of lines that is there as a whole.
    pub(super) fn of(body: &[u8]) -> Self {
        Self { bytes: body.to_vec(), first: 1 }
    }

    /// How many bytes it has.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The lines with anything in them, each with its number, or with why it is no text. Blanks are
    /// those of JSON.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, Result<&str, Fault>)> {
        let numbered = (self.first..).zip(self.bytes.split(|byte| *byte == b'\n'));
        let trimmed = numbered.map(|(number, line)| (number, trimmed(line)));
        trimmed.filter(|(_, line)| !line.is_empty()).map(|(number, line)| (number, text(line)))
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    let end =
        line.iter().rposition(|byte| !is_blank(byte)).map_or(start, |at| at.saturating_add(1));
    line.get(start..end).unwrap_or_default()
}

fn text(line: &[u8]) -> Result<&str, Fault> {
    if line.len() > EVENT_BYTES {
        return Err(too_long());
    }
    std::str::from_utf8(line).map_err(|error| not_text(&error))
}
