//! The bytes of a file or of standard input, unpacked if they are packed.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};

use flate2::bufread::MultiGzDecoder;

use super::failure::Failure;

/// The bytes of a file; `-` is standard input. What begins like gzip is gzip, whatever its name.
pub(super) struct Input {
    /// What to call it in messages.
    pub(super) file: String,
    pub(super) bytes: Box<dyn BufRead>,
}

impl Input {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        Self::counted(path, Arc::default())
    }

    /// Opens it; how many of its bytes, packed as they are, have been read is counted here.
    pub(super) fn counted(path: &Path, read: Arc<AtomicU64>) -> Result<Self, Failure> {
        let file = name(path);
        let source: Box<dyn Read> = if is_standard_input(path) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path).map_err(|error| Failure::unreadable(&file, &error))?)
        };
        let mut bytes = BufReader::with_capacity(BUFFER, Counted { source, read });
        let mut head = Vec::new();
        let peeked = bytes.by_ref().take(2).read_to_end(&mut head);
        peeked.map_err(|error| Failure::unreadable(&file, &error))?;
        let packed = head == [0x1f, 0x8b];
        let whole = Cursor::new(head).chain(bytes);
        let bytes: Box<dyn BufRead> = if packed {
            Box::new(BufReader::with_capacity(BUFFER, Unpacked(MultiGzDecoder::new(whole))))
        } else {
            Box::new(whole)
        };
        Ok(Self { file, bytes })
    }
}

/// What to call a file, and its bytes, packed or not as they are: no more of them than somebody takes,
/// and one that shows that there are more.
pub(super) fn read_whole(path: &Path, most: usize) -> Result<(String, Vec<u8>), Failure> {
    let file = name(path);
    let unreadable = |error| Failure::unreadable(&file, &error);
    let source: Box<dyn Read> = if is_standard_input(path) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok((file, bytes))
}

const BUFFER: usize = 64 << 10;

/// Whether this path stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// What to call it in messages.
pub(super) fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Bytes, counted as they are read.
struct Counted {
    source: Box<dyn Read>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(count)
    }
}

/// What was packed; whatever is wrong with it is said in our words.
struct Unpacked<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::other(
                "expected the rest of the gzip data, found the end of the file: it was cut off",
            ),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                io::Error::other(format!("expected gzip data, found something else: {error}"))
            }
            _ => error,
        })
    }
}
