//! Lines of files, read ahead by a thread of their own while others are written.

use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SendError, sync_channel};
use std::thread::JoinHandle;

use super::form::Form;
use super::mapping::Mapping;
use crate::cli::failure::{Failure, Place};
use crate::cli::input::{self, Input};

/// How many lines are taken in together, and how many bytes of them at most.
const LINES: usize = 5_000;
const BYTES: usize = 4 << 20;
/// The longest line; of one that is longer, so much is kept to show.
const LINE_BYTES: usize = 64_000;
const SHOWN_BYTES: usize = 200;
/// How many pieces wait to be taken in.
const AHEAD: usize = 2;

/// Some lines of a file.
pub(super) struct Piece {
    pub(super) about: Arc<About>,
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

/// What is known of a file before its lines are read.
pub(super) struct About {
    /// What to call it in messages.
    pub(super) file: String,
    pub(super) form: Form,
}

/// A line, and where it stands.
struct Line {
    number: u64,
    place: Range<usize>,
    too_long: bool,
}

impl Piece {
    /// The lines, each with its number, or with why it is no text.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, Result<&str, String>)> {
        self.lines.iter().map(|line| (line.number, self.text(line)))
    }

    fn text(&self, line: &Line) -> Result<&str, String> {
        if line.too_long {
            return Err(format!(
                "expected a line of at most {LINE_BYTES} bytes, found a longer one"
            ));
        }
        let bytes = self.bytes_of(line);
        let text = str::from_utf8(bytes).map(|text| text.trim_end_matches(['\r', '\n']));
        text.map_err(|error| {
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            format!("expected UTF-8 text, found the byte 0x{byte:02X}: save the file as UTF-8")
        })
    }

    /// A line as it stands in the file, as far as it is text.
    pub(super) fn raw(&self, number: u64) -> String {
        let found = self.lines.binary_search_by_key(&number, |line| line.number);
        let line = found.ok().and_then(|at| self.lines.get(at));
        let bytes = line.map(|line| self.bytes_of(line)).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim_end_matches(['\r', '\n']).to_owned()
    }

    fn bytes_of(&self, line: &Line) -> &[u8] {
        self.bytes.get(line.place.clone()).unwrap_or_default()
    }
}

/// Opens each file once, to see that it is there and looks like events, before anything of any of
/// them is taken in; standard input and other pipes can only be read once.
pub(super) fn check(paths: &[PathBuf], mapping: &Mapping) -> Result<(), Failure> {
    let is_pipe = |path: &&PathBuf| {
        let found = std::fs::metadata(path);
        input::is_standard_input(path) || found.is_ok_and(|it| !it.is_file() && !it.is_dir())
    };
    for path in paths.iter().filter(|path| !is_pipe(path)) {
        Source::open(path, mapping, Arc::default())?;
    }
    Ok(())
}

/// Pieces of files, one after the other.
pub(super) struct Pieces {
    waiting: Receiver<Result<Piece, Failure>>,
    reader: Option<JoinHandle<()>>,
}

impl Pieces {
    /// Begins to read. How many bytes of the files have been read is counted.
    pub(super) fn of(
        paths: Vec<PathBuf>,
        mapping: Mapping,
        read: &Arc<AtomicU64>,
    ) -> io::Result<Self> {
        let (sender, waiting) = sync_channel(AHEAD);
        let read = Arc::clone(read);
        let work = move || {
            let send = |piece| sender.send(piece);
            // Whoever has seen enough lets go of the other end.
            let _gone = read_all(&paths, &mapping, &read, send);
        };
        let thread = std::thread::Builder::new().name("usage-reader".to_owned());
        Ok(Self { waiting, reader: Some(thread.spawn(work)?) })
    }

    /// The next piece; none at the end.
    pub(super) fn next(&mut self) -> Option<Result<Piece, Failure>> {
        if let Ok(piece) = self.waiting.recv() {
            return Some(piece);
        }
        // A reader that broke must not look like one that is done.
        let ended = self.reader.take()?.join();
        ended.is_err().then(|| Err(Failure::Output("reading was interrupted".to_owned())))
    }
}

fn read_all(
    paths: &[PathBuf],
    mapping: &Mapping,
    read: &Arc<AtomicU64>,
    send: impl Fn(Result<Piece, Failure>) -> Result<(), SendError<Result<Piece, Failure>>>,
) -> Result<(), SendError<Result<Piece, Failure>>> {
    for path in paths {
        let mut source = match Source::open(path, mapping, Arc::clone(read)) {
            Ok(source) => source,
            Err(failure) => return send(Err(failure)),
        };
        while let Some(piece) = source.next().transpose() {
            let failed = piece.is_err();
            send(piece)?;
            if failed {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A file that is read line by line.
struct Source {
    bytes: Box<dyn BufRead>,
    about: Arc<About>,
    /// The line that was read last.
    number: u64,
    /// One that was only looked at.
    first: Option<(Line, Vec<u8>)>,
}

impl Source {
    /// Opens a file and reads it as far as to see what it is.
    fn open(path: &Path, mapping: &Mapping, read: Arc<AtomicU64>) -> Result<Self, Failure> {
        let Input { file, mut bytes } = Input::counted(path, read)?;
        let (mut number, mut text) = (0, Vec::new());
        let place = loop {
            text.clear();
            let line = read_line(&mut *bytes, &mut number, &mut text);
            let line = line.map_err(|error| Failure::input(format!("{file}: {error}")))?;
            let Some(line) = line else {
                return Err(Failure::input(format!("{file}: expected events, found nothing")));
            };
            if text.starts_with("\u{feff}".as_bytes()) && number == 1 {
                text.drain(..3);
            }
            if !text.trim_ascii().is_empty() {
                break line;
            }
        };
        let top = Place { file: &file, line: number, column: 0, name: "" };
        let form = Form::of(&text, mapping, top)?;
        let place = Line { place: 0..text.len(), ..place };
        let first = (!form.has_header()).then_some((place, text));
        Ok(Self { bytes, about: Arc::new(About { file, form }), number, first })
    }

    /// The next lines with anything in them; none at the end.
    fn next(&mut self) -> Result<Option<Piece>, Failure> {
        let (mut lines, mut bytes) = (Vec::with_capacity(LINES), Vec::new());
        if let Some((line, text)) = self.first.take() {
            (lines, bytes) = (vec![line], text);
        }
        while lines.len() < LINES && bytes.len() < BYTES {
            let line = read_line(&mut *self.bytes, &mut self.number, &mut bytes);
            let line = line.map_err(|error| {
                Failure::input(format!("{}: line {}: {error}", self.about.file, self.number))
            })?;
            match line {
                None => break,
                Some(line) => {
                    let text = bytes.get(line.place.clone()).unwrap_or_default();
                    if !text.trim_ascii().is_empty() {
                        lines.push(line);
                    }
                }
            }
        }
        let about = Arc::clone(&self.about);
        Ok((!lines.is_empty()).then_some(Piece { about, bytes, lines }))
    }
}

/// Reads a line to the end of what was read before; none at the end of the file.
fn read_line(
    source: &mut dyn BufRead,
    number: &mut u64,
    bytes: &mut Vec<u8>,
) -> io::Result<Option<Line>> {
    let start = bytes.len();
    *number = number.saturating_add(1);
    let most = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = Read::take(&mut *source, most).read_until(b'\n', bytes)?;
    if read == 0 {
        return Ok(None);
    }
    let too_long = read > LINE_BYTES && !bytes.ends_with(b"\n");
    if too_long {
        skip_line(source)?;
        bytes.truncate(start.saturating_add(SHOWN_BYTES));
    }
    Ok(Some(Line { number: *number, place: start..bytes.len(), too_long }))
}

fn skip_line(source: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let (used, found) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at.saturating_add(1), true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(used);
        if found {
            return Ok(());
        }
    }
}
